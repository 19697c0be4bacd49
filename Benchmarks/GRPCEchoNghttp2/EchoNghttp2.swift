internal import GRPCEcho
internal import GRPCNghttp2Transport

/// Echoes unary calls on this project's transport, for `Benchmarks grpc`.
@main
struct EchoNghttp2 {
  static func main() async throws {
    let transport = Nghttp2ServerTransport(address: .host("127.0.0.1", port: 0), security: .plaintext)
    try await EchoServer.run(transport) { try await transport.listeningAddress.port }
  }
}

internal import GRPCEcho
internal import GRPCNIOTransportHTTP2

/// Echoes unary calls on grpc-swift-nio-transport, for `Benchmarks grpc`.
@main
struct EchoNIO {
  static func main() async throws {
    let transport = HTTP2ServerTransport.Posix(
      address: .ipv4(host: "127.0.0.1", port: 0),
      transportSecurity: .plaintext
    )
    try await EchoServer.run(transport) { try await transport.listeningAddress.ipv4?.port }
  }
}

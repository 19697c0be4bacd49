internal import ArenaSystem
internal import ArgumentParser
internal import GRPCCore
internal import GRPCNIOTransportHTTP2
internal import GRPCNghttp2Transport
internal import Glibc

/// A server for the benchmark, in a process of its own: echoes unary calls until its standard input ends.
struct GRPCServerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "grpc-server",
    abstract: "Serve unary echo calls on loopback and print the port.",
    shouldDisplay: false
  )

  @Argument(help: "The transport.")
  var kind: GRPCServerKind

  func run() async throws {
    switch kind {
    case .nghttp2:
      let transport = Nghttp2ServerTransport(address: .host("127.0.0.1", port: 0), security: .plaintext)
      try await serve(transport) { try await transport.listeningAddress.port }
    case .nio:
      let transport = HTTP2ServerTransport.Posix(
        address: .ipv4(host: "127.0.0.1", port: 0),
        transportSecurity: .plaintext
      )
      try await serve(transport) { try await transport.listeningAddress.ipv4?.port }
    }
  }

  private func serve<Transport: ServerTransport>(
    _ transport: Transport,
    port: @escaping @Sendable () async throws -> Int?
  ) async throws {
    var router = RPCRouter<Transport>()
    EchoMethod.register(with: &router)
    let server = GRPCServer(transport: transport, router: router)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await server.serve() }
      group.addTask {
        guard let port = try await port() else { throw BenchmarkError("the server has no port") }
        print(port)
        fflush(nil)
      }
      // The benchmark ends this process by closing the other end, also if it is killed itself.
      try DedicatedThread.start("parent") {
        var byte: UInt8 = 0
        while read(0, &byte, 1) > 0 {}
        Glibc.exit(0)
      }
      try await group.waitForAll()
    }
  }
}

internal import ArenaSystem
internal import ArgumentParser
internal import GRPCCore
internal import GRPCNghttp2Transport
internal import GRPCServices
internal import Glibc

/// A server of this project's transport for clients of others: echo, health and reflection.
@main
struct GRPCTestServer: AsyncParsableCommand {
  @Option(help: "A port on loopback; 0 for any.")
  var port = 0

  @Option(help: "The most bytes in a message.")
  var maxMessage = 4 << 20

  @Option(help: "The most calls at a time on a connection. Default: the transport's.")
  var maxStreams: Int?

  @Option(help: "Seconds that calls may go on after SIGTERM.")
  var drain: Double?

  @Flag(help: "Compress what clients let us compress.")
  var gzip = false

  func run() async throws {
    var configuration = TransportConfiguration()
    configuration.messages.maxRequestBytes = maxMessage
    configuration.messages.compressesResponses = gzip
    if let maxStreams { configuration.http2.maxConcurrentStreams = maxStreams }
    configuration.connections.drainTimeout = drain.map { .seconds($0) }
    let transport = Nghttp2ServerTransport(
      address: .host("127.0.0.1", port: port),
      security: .plaintext,
      configuration: configuration
    )
    let health = HealthService()
    health.setStatus(.serving, of: "arena.test.Echo")
    let reflection = try ReflectionService(
      services: ["arena.test.Echo", HealthDescriptor.service],
      descriptors: [EchoDescriptor.fileDescriptorSet]
    )
    let server = GRPCServer(transport: transport, services: [EchoService(), health, reflection])
    let signals = TerminationSignals()
    signals.onSignal { _ in
      health.shutDown()
      server.beginGracefulShutdown()
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await server.serve() }
      group.addTask {
        print("listening on \(try await transport.listeningAddress)")
        fflush(nil)
      }
      try await group.waitForAll()
    }
  }
}

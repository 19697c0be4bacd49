import GRPCCore
import GRPCNghttp2Transport
import Logging
import ServiceLifecycle

/// The gRPC server as a part of the program: it serves until it is told to end.
struct ServerLifecycle: Service, CustomStringConvertible {
  let server: GRPCServer<Nghttp2ServerTransport>
  let logger: Logger
  /// Where the server listens, once it does.
  let address: @Sendable () async throws -> String

  var description: String { "the gRPC server" }

  func run() async throws {
    try await withGracefulShutdownHandler {
      async let served: Void = server.serve()
      if let address = try? await address() { logger.info("listening", metadata: ["address": "\(address)"]) }
      try await served
    } onGracefulShutdown: {
      server.beginGracefulShutdown()
    }
  }
}

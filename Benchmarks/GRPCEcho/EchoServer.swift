internal import ArenaSystem
public import GRPCCore
internal import Glibc

/// A server for the benchmark, in a process of its own.
public enum EchoServer {
  /// Echoes calls until standard input ends. Prints the port once it listens.
  public static func run<Transport: ServerTransport>(
    _ transport: Transport,
    port: @escaping @Sendable () async throws -> Int?
  ) async throws {
    // The benchmark ends this process by closing the other end, also if it is killed itself.
    try DedicatedThread.start("parent") {
      var byte: UInt8 = 0
      while read(0, &byte, 1) > 0 {}
      exit(0)
    }
    var router = RPCRouter<Transport>()
    EchoMethod.register(with: &router)
    WaitMethod.register(with: &router)
    let server = GRPCServer(transport: transport, router: router)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await server.serve() }
      group.addTask {
        print(try await port() ?? 0)
        fflush(nil)
      }
      try await group.waitForAll()
    }
  }
}

import Testing

/// Everything that needs a real store: one server for all of it.
@Suite(SeaweedServer.Shared()) struct SeaweedTests {}

extension SeaweedServer {
  /// Starts one server for a suite, and ends it after the last of its tests.
  struct Shared: SuiteTrait, TestScoping {
    @TaskLocal static var server: SeaweedServer?

    func provideScope(
      for test: Test,
      testCase: Test.Case?,
      performing body: @Sendable () async throws -> Void
    ) async throws {
      let server = try await SeaweedServer.start()
      do {
        try await Self.$server.withValue(server) { try await body() }
      } catch {
        await server.stop()
        throw error
      }
      await server.stop()
    }
  }

  /// The server of the suite that runs.
  static var shared: SeaweedServer {
    get throws { try #require(Shared.server) }
  }
}

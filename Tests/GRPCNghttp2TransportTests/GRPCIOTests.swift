import Foundation
import Glibc
import TestSupport
import Testing

@Suite("Calls by grpcio, health and reflection", .timeLimit(.minutes(10)))
struct GRPCIOTests {
  private static let client = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "grpcio_client.py")
  private static let server = TestPython.packageRoot.appending(path: ".build/debug/GRPCTestServer")

  /// A test server in a process, and a folder for its output.
  private struct Server {
    let process: ChildProcess
    let folder: URL
    let port: String

    init(_ arguments: String...) async throws {
      folder = FileManager.default.temporaryDirectory.appending(path: "grpcio-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      process = try ChildProcess(GRPCIOTests.server.path, arguments, folder: folder, name: "server")
      let line = try await Self.line(of: process, startingWith: "listening on ")
      port = String(line.split(separator: ":").last ?? "")
    }

    /// Waits for a line of output.
    static func line(of process: ChildProcess, startingWith start: String) async throws -> Substring {
      for _ in 0..<20_000 {
        if let line = process.standardOutput.split(separator: "\n").first(where: { $0.hasPrefix(start) }) {
          return line
        }
        try await Task.sleep(for: .milliseconds(10))
      }
      throw ChildProcess.Failure(description: "no line \(start): \(process.standardError)")
    }

    func startClient(_ check: String) throws -> ChildProcess {
      let arguments = [GRPCIOTests.client.path, port, check]
      return try ChildProcess(TestPython.executable.path, arguments, folder: folder, name: "client")
    }

    func end() async {
      process.send(SIGTERM)
      #expect(await process.end(within: 300) == .status(0), "the server ends by itself: \(process.standardError)")
      try? FileManager.default.removeItem(at: folder)
    }
  }

  @Test(
    "work as with any other server",
    arguments: [
      "unary", "streams", "statuses", "unknown", "deadline", "cancel", "gzip", "too_long", "large_metadata", "health",
      "reflection", "many", "waiting", "threads",
    ]
  )
  func check(name: String) async throws {
    let server = try await Server("--drain", "1")
    let client = try server.startClient(name)
    #expect(await client.end(within: 500) == .status(0), "\(client.standardError)")
    #expect(client.standardOutput.hasSuffix("passed\n"))
    await server.end()
  }

  @Test("take compressed answers")
  func compressedAnswers() async throws {
    let server = try await Server("--drain", "1", "--gzip")
    let client = try server.startClient("unary")
    #expect(await client.end(within: 500) == .status(0), "\(client.standardError)")
    await server.end()
  }

  @Test("in flight at SIGTERM end well, health turns, and new ones are told to go elsewhere")
  func drain() async throws {
    let server = try await Server("--drain", "20")
    let client = try server.startClient("drain")
    _ = try await Server.line(of: client, startingWith: "ready")
    server.process.send(SIGTERM)
    #expect(await client.end(within: 500) == .status(0), "\(client.standardError)")
    await server.end()
  }
}

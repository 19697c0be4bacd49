import ArenaCore
import ArenaSystem
import ArgumentParser
import FlyingFox
import FlyingSocks
import Foundation
import Glibc
import Replay

/// `arena replay view`: a replay in a browser.
struct ReplayViewCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "view",
    abstract: "Serve a replay's page on this machine, for a browser to play it.",
    discussion: """
      The page is made anew whenever a browser asks for it: of a match that is still going on, a reload shows what has come
      since. Ctrl-C ends it. From another machine: ssh -L 8000:127.0.0.1:8000 HOST arena replay view FILE --port 8000
      Exit status: 0 served until it was ended, 1 the file cannot be read or the port not be had, 2 the command cannot be
      carried out as it was given.
      """
  )

  @Argument(help: ArgumentHelp("The replay.", valueName: "file"), completion: .file(extensions: ["mcap"]))
  var path: String

  @Option(help: "The port on 127.0.0.1. (default: one that is free)", transform: NumberArgument.parsePort)
  var port: UInt16 = 0

  @Flag(name: .customLong("open"), help: "Open the page in the browser of this desktop.")
  var opensBrowser = false

  func run() async throws {
    // What can never be shown is said here rather than in the browser.
    let reader = try ReplayReader(path: path)
    try ReplayExport.match(of: reader)
    let address = try sockaddr_in.inet(ip4: "127.0.0.1", port: port)
    let server = HTTPServer(
      address: address,
      timeout: 120,
      logger: .disabled,
      handler: ReplayPageServer(path: path)
    )
    let signals = TerminationSignals()
    signals.onSignal { _ in Task { await server.stop(timeout: 1) } }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await server.run() }
      group.addTask {
        try await server.waitUntilListening()
        guard case .ip4(_, let port) = await server.listeningAddress else { return }
        announce("http://127.0.0.1:\(port)/")
      }
      // Being stopped is the way in which it ends.
      do { try await group.waitForAll() } catch is CancellationError {} catch SocketError.disconnected {} catch {
        throw failure("127.0.0.1:\(port) cannot be served: \(error.localizedDescription)")
      }
    }
    withExtendedLifetime(signals) {}
  }

  /// Says what was in the way; to be thrown.
  private func failure(_ sentence: String) -> ExitCode {
    OutputStream.standardError("Error: \(sentence)\n")
    return ExitCode(ArenaCommand.failed)
  }

  private func announce(_ url: String) {
    OutputStream.standardOutput("\(url)\n")
    OutputStream.standardError("Serving \(path) until Ctrl-C.\n")
    guard opensBrowser else { return }
    let browser = Process()
    browser.executableURL = URL(filePath: "/usr/bin/env")
    browser.arguments = ["xdg-open", url]
    browser.standardOutput = FileHandle.nullDevice
    browser.standardError = FileHandle.nullDevice
    do {
      try browser.run()
    } catch {
      OutputStream.standardError("No browser could be opened: \(error.localizedDescription)\n")
    }
  }
}

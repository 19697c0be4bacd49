internal import ArgumentParser
internal import CPingPong

/// The process of a native agent.
struct NativeAgentCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "native-agent",
    abstract: "Play pong over a socket, in C.",
    shouldDisplay: false
  )

  @Argument(help: "Where the match listens.")
  var socket: String

  @Flag(help: "Read observations and never answer.")
  var silent = false

  func run() throws {
    let status = c_ping_pong_agent(socket, silent ? 1 : 0)
    guard status == 0 else { throw BenchmarkError("the native agent failed: errno \(status)") }
  }
}

internal import ArgumentParser
internal import CPingPong
internal import Glibc

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

  @Option(help: "The number of the only processor to use.")
  var processor: Int32?

  func run() throws {
    if let processor, c_ping_pong_use_processor(processor) != 0 {
      throw BenchmarkError("processor \(processor) cannot be used: errno \(errno)")
    }
    let status = c_ping_pong_agent(socket, silent ? 1 : 0)
    guard status == 0 else { throw BenchmarkError("the native agent failed: errno \(status)") }
  }
}

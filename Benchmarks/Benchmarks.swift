internal import ArgumentParser

/// Measures what the runtime promises to be better at. `docs/PERFORMANCE.md` has the method and figures.
@main
struct Benchmarks: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "Benchmarks",
    abstract: "Measures the match runtime beside something that does the same with less.",
    subcommands: [
      SummaryCommand.self, StepCommand.self, ReplayCommand.self, GRPCCommand.self, NativeAgentCommand.self,
      NativeMatchCommand.self, PeakMemoryCommand.self,
    ],
    defaultSubcommand: SummaryCommand.self
  )
}

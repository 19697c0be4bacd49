import ArgumentParser

/// `arena agent`: what an author does with an agent before uploading it.
struct AgentCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "agent",
    abstract: "Look after an agent.",
    subcommands: [AgentCheckCommand.self]
  )
}

import ArenaSystem
import ArgumentParser
import Glibc
import Replay

/// `arena replay`: what can be done with a replay.
struct ReplayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Read, follow, watch, export, prove, repair and deliver replays.",
    subcommands: [
      ReplayInfoCommand.self,
      ReplayCatCommand.self,
      ReplayTailCommand.self,
      ReplayViewCommand.self,
      ReplayExportCommand.self,
      ReplayVerifyCommand.self,
      ReplayRepairCommand.self,
      ReplayDeliverCommand.self,
      ReplayTicketCommand.self,
    ]
  )

  /// Runs `body`, which writes to standard output. A reader that has seen enough, such as `head`, ends it quietly.
  static func writing(_ body: () throws -> Void) throws {
    do {
      try body()
    } catch let failure as SystemFailure where failure.code == EPIPE {}
  }

  /// The match of a replay; nil where its Metadata do not describe one.
  static func match(_ metadata: [String: [String: String]]) -> ReplayMatch? { try? ReplayMatch(metadata: metadata) }
}

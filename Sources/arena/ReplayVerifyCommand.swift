import ArenaCore
import ArenaSystem
import ArgumentParser
import Environments
import Foundation
import Replay

/// `arena replay verify`: plays a replay's actions again and compares.
struct ReplayVerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Play a replay's actions again, and compare every observation and reward.",
    discussion: """
      A fresh environment is given the recorded seed and actions. Observations, rewards, legal actions, the ends of games, scores and
      the winner must be those of the replay, bit for bit; the first difference is named.
      Exit status: 0 all is as recorded, 1 it is not, or the file cannot be read, 2 the command cannot be carried out as it
      was given.
      """
  )

  @Argument(help: ArgumentHelp("The replay.", valueName: "file"), completion: .file(extensions: ["mcap"]))
  var path: String

  @Flag(help: "Print as JSON.")
  var json = false

  @Option(help: ArgumentHelp("The SHA-256 that the match's result names: the file must have it.", valueName: "digits"))
  var sha256: String?

  func run() throws {
    if let sha256, sha256.count != 64 || !sha256.allSatisfy(\.isHexDigit) {
      throw FieldError(field: "--sha256", given: "\"\(sha256)\"", allowed: "64 hexadecimal digits")
    }
    let finding: ReplayFinding
    do throws(ReplayError) {
      finding = try ReplayFinding(path: path, sha256: sha256)
    } catch {
      guard json else { throw error }
      finding = ReplayFinding(unreadable: error)
    }
    OutputStream.standardOutput((json ? try finding.json : finding.text) + "\n")
    if !finding.isVerified { throw ExitCode(ArenaCommand.failed) }
  }
}

import ArenaSystem
import ArgumentParser
import Foundation
import Replay

/// `arena replay info`: what a replay holds.
struct ReplayInfoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info",
    abstract: "Say who played what, by which rules, and what came of it.",
    discussion: """
      Exit status: 0 printed, 1 the file cannot be read, 2 the command cannot be carried out as it was given.
      """
  )

  @Argument(help: ArgumentHelp("The replay.", valueName: "file"), completion: .file(extensions: ["mcap"]))
  var path: String

  @Flag(help: "Print as JSON.")
  var json = false

  func run() throws {
    let information = ReplayInformation(try ReplayReader(path: path))
    guard json else { return _ = OutputStream.standardOutput(information.text + "\n") }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    OutputStream.standardOutput(String(decoding: try encoder.encode(information.json), as: UTF8.self) + "\n")
  }
}

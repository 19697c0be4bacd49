public import ArgumentParser
import Glibc
public import Replay

extension ReplayExportFormat: ExpressibleByArgument {}

/// `arena replay export`: a replay in another format.
struct ReplayExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a replay in another format.",
    discussion: """
      json      the layout that RL Arena's backend serves and its web player draws
      csv       a line for every step and seat
      html      one page that plays it, without a network
      rl-arena  what the rl-arena package's replay_to_html takes
      Of a file that is damaged, everything before the damage is exported. Exit status: 0 exported, 1 the file cannot
      be read or the export not be written, 2 the command cannot be carried out as it was given.
      """
  )

  @Argument(help: ArgumentHelp("The replay.", valueName: "file"), completion: .file(extensions: ["mcap"]))
  var path: String

  @Option(help: "What to write: json, csv, html or rl-arena.")
  var format: ReplayExportFormat

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("The new file. (default: standard output)", valueName: "file"),
    completion: .file()
  )
  var output: String?

  func run() throws {
    let reader = try ReplayReader(path: path)
    if let output { return try ReplayExport.write(reader, as: format, toFile: output) }
    try ReplayCommand.writing { try ReplayExport.write(reader, as: format, to: STDOUT_FILENO) }
  }
}

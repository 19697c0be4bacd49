import ArenaSystem
import ArgumentParser
import Replay

/// `arena replay repair`: a whole file out of one that is cut off or damaged.
struct ReplayRepairCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "repair",
    abstract: "Write a whole replay from everything that can be read of a damaged one.",
    discussion: """
      The old file stays as it is. Exit status: 0 the new file is written, 1 the old one cannot be read or the new one not
      be written, 2 the command cannot be carried out as it was given.
      """
  )

  @Argument(help: ArgumentHelp("The damaged replay.", valueName: "file"), completion: .file(extensions: ["mcap"]))
  var path: String

  @Option(name: .shortAndLong, help: ArgumentHelp("The new file.", valueName: "file"), completion: .file())
  var output: String

  func run() throws {
    let report = try ReplayRepair.repair(path, to: output)
    var text =
      "\(report.path): \(report.frames) frames in \(report.chunks) chunks, \(report.bytes) bytes"
      + (report.wasComplete ? "; nothing was wrong with \(path)\n" : "\n")
    if report.droppedBytes > 0 { text += "dropped  \(report.droppedBytes) bytes\n" }
    if report.missingFrames > 0 { text += "missing  \(report.missingFrames) frames between those that were kept\n" }
    for loss in report.losses { text += "  \(loss)\n" }
    if report.losses.count == ReplayRepairReport.mostLosses { text += "  and perhaps more\n" }
    OutputStream.standardOutput(text)
  }
}

import Foundation
import Replay

/// Writes replays of all sorts into a folder, each with its page, for the tests in `Tests/Page` and for whoever wants to see them.
///
/// Arguments: the folder. Or `--measure` and a replay, whose page is written to nowhere: prints the most memory that this took, in KiB.
@main
enum PageSamples {
  static func main() throws {
    if CommandLine.arguments.count == 3, CommandLine.arguments[1] == "--measure" {
      return try measure(CommandLine.arguments[2])
    }
    guard CommandLine.arguments.count == 2 else {
      print("usage: PageSamples FOLDER | --measure FILE")
      exit(2)
    }
    let folder = URL(filePath: CommandLine.arguments[1])
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let samples: [(name: String, record: (String) throws -> Void)] = [
      ("pong", { try PongSample(steps: [900]).record(to: $0) }),
      ("tens", { try PongSample(steps: [10_000]).record(to: $0) }),
      ("long", { try PongSample(steps: [100_000]).record(to: $0) }),
      ("series", { try PongSample(steps: [300, 60, 400], isFaulty: true).record(to: $0) }),
      ("tictactoe", { try BoardSample.ticTacToe.record(to: $0) }),
      ("connect_four", { try BoardSample.connectFour.record(to: $0) }),
      ("spaces", { try SpacesSample().record(to: $0) }),
      ("image", { try PictureSample.image.record(to: $0) }),
      ("planes", { try PictureSample.planes.record(to: $0) }),
      ("hostile", { try HostileSample().record(to: $0) }),
      ("empty", { try PongSample(steps: []).record(to: $0) }),
    ]
    for (name, record) in samples {
      let path = folder.appending(path: "\(name).mcap").path
      try record(path)
      try writePage(of: path)
    }
    // A match that was killed: its file ends in the middle of a chunk.
    let whole = try Data(contentsOf: folder.appending(path: "pong.mcap"))
    let cut = folder.appending(path: "cut.mcap")
    try whole.prefix(whole.count * 6 / 10).write(to: cut)
    try writePage(of: cut.path)
  }

  private static func measure(_ path: String) throws {
    try writePage(of: path, to: "/dev/null")
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    print(usage.ru_maxrss)
  }

  private static func writePage(of path: String) throws {
    try writePage(of: path, to: path.replacing(".mcap", with: ".html"))
  }

  private static func writePage(of path: String, to output: String) throws {
    let page = open(output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard page >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    defer { close(page) }
    try ReplayExport.write(ReplayReader(path: path), as: .html, to: page)
  }
}

import ArenaSystem
import Dispatch
import Glibc
import MatchEngine

/// A line on the terminal that follows a match while it is played.
final class ProgressBar: Sendable {
  private let timer: Timer
  private static let clearLine = "\r\u{1B}[2K"

  /// Dispatch's sources may be used from any thread; only their Swift protocol does not say so.
  private struct Timer: @unchecked Sendable {
    let source: any DispatchSourceTimer
    let queue: DispatchQueue
  }

  /// Shows `progress` until `stop`, if standard error is a terminal.
  ///
  /// - Parameter mostSteps: steps after which the match is over at the latest; nil where the game has no such limit.
  static func start(_ progress: MatchProgress, agents: [String], mostSteps: Int?) -> ProgressBar? {
    isatty(STDERR_FILENO) == 1 ? ProgressBar(progress, agents: agents, mostSteps: mostSteps) : nil
  }

  private init(_ progress: MatchProgress, agents: [String], mostSteps: Int?) {
    let queue = DispatchQueue(label: "rl-arena.progress")
    timer = Timer(source: DispatchSource.makeTimerSource(queue: queue), queue: queue)
    timer.source.schedule(deadline: .now(), repeating: .milliseconds(100))
    timer.source.setEventHandler { @Sendable in
      OutputStream.standardError(Self.clearLine + Self.line(progress, agents, mostSteps).prefix(Self.columns - 1))
    }
    timer.source.activate()
  }

  private static func line(_ progress: MatchProgress, _ agents: [String], _ mostSteps: Int?) -> String {
    guard progress.game >= 0 else { return "starting agents …" }
    let scores = zip(agents, progress.scores).map { "\($0) \(MatchReport.number($1))" }.joined(separator: " · ")
    return bar(progress.totalSteps, of: mostSteps)
      + "game \(progress.game + 1), step \(progress.totalSteps)   \(scores)"
  }

  private static func bar(_ steps: Int, of mostSteps: Int?) -> String {
    guard let mostSteps, mostSteps > 0 else { return "" }
    let width = 24
    let filled = min(width, steps * width / mostSteps)
    return "[" + String(repeating: "#", count: filled) + String(repeating: "-", count: width - filled) + "]  "
  }

  /// How wide the terminal is; a line that wraps could not be cleared.
  private static var columns: Int {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 1 else { return 80 }
    return Int(size.ws_col)
  }

  /// Shows no more and clears the line.
  func stop() {
    timer.source.cancel()
    timer.queue.sync {}  // what is being shown comes before the line is cleared
    OutputStream.standardError(Self.clearLine)
  }
}

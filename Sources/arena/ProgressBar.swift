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
  }

  /// Shows `progress` until `stop`, if standard error is a terminal.
  static func start(_ progress: MatchProgress, agents: [String]) -> ProgressBar? {
    isatty(STDERR_FILENO) == 1 ? ProgressBar(progress, agents: agents) : nil
  }

  private init(_ progress: MatchProgress, agents: [String]) {
    timer = Timer(source: DispatchSource.makeTimerSource(queue: DispatchQueue(label: "rl-arena.progress")))
    timer.source.schedule(deadline: .now(), repeating: .milliseconds(100))
    timer.source.setEventHandler { @Sendable in
      OutputStream.standardError(Self.clearLine + Self.line(progress, agents))
    }
    timer.source.activate()
  }

  private static func line(_ progress: MatchProgress, _ agents: [String]) -> String {
    guard progress.game >= 0 else { return "starting agents …" }
    let scores = zip(agents, progress.scores).map { "\($0) \(MatchReport.number($1))" }.joined(separator: " · ")
    return "game \(progress.game + 1), step \(progress.totalSteps)   \(scores)"
  }

  /// Shows no more and clears the line.
  func stop() {
    timer.source.cancel()
    OutputStream.standardError(Self.clearLine)
  }
}

import Dispatch
import Logging
import MatchEngine

/// Logs how far the match has come, once a second, for those who follow the orchestrator's log.
final class ProgressLog: Sendable {
  /// Dispatch's sources may be used from any thread; only their Swift protocol does not say so.
  private nonisolated(unsafe) let timer: any DispatchSourceTimer

  init(_ progress: MatchProgress, logger: Logger) {
    timer = DispatchSource.makeTimerSource(queue: .global(qos: .utility))
    timer.schedule(deadline: .now() + .seconds(1), repeating: .seconds(1), leeway: .milliseconds(100))
    timer.setEventHandler { @Sendable in
      guard progress.game >= 0 else { return }
      logger.info(
        "progress",
        metadata: [
          "game": .stringConvertible(progress.game), "total_steps": .stringConvertible(progress.totalSteps),
          "scores": .array(progress.scores.map { .stringConvertible($0) }),
        ]
      )
    }
    timer.activate()
  }

  /// Logs no more.
  func stop() { timer.cancel() }
}

internal import ArenaCore
internal import ArenaSystem
internal import Replay

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension MatchLoop {
  /// Records that a game begins.
  func recordGameStart(seed: UInt64) {
    recorder?.addGameStart(
      game: gameNumber,
      environmentSeed: seed,
      agents: agents,
      observations: agents.map { Array(observation(of: $0)) },
      timeNanoseconds: wall(now)
    )
  }

  /// Records that a game ends.
  func recordGameEnd(_ result: GameResult, winner: Int?, reason: String) {
    guard let recorder else { return }
    let info = (try? JSONEncoder().encode(result.info)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    recorder.addGameEnd(
      game: gameNumber,
      outcomes: agents.map { seatOutcome($0, result, winner: winner) },
      scores: agents.map { result.scores[$0] },
      steps: result.steps,
      reason: reason,
      info: info,
      timeNanoseconds: wall(now)
    )
  }

  private func seatOutcome(_ index: Int, _ result: GameResult, winner: Int?) -> SeatOutcome {
    if result.ending == .aborted { return .none }
    if players[index].hasForfeitedGame || players[index].isGone { return .loss }
    guard let winner else { return .draw }
    return winner == index ? .win : .loss
  }

  /// Completes the recording.
  @discardableResult
  mutating func closeRecorder(metadata: [String: [String: String]]) -> RecordingResult? {
    guard let report = recorder?.close(finalMetadata: metadata) else { return nil }
    recorder = nil
    return RecordingResult(
      path: report.path,
      frames: Int(report.frames),
      bytes: Int(report.bytes),
      endedBecause: report.endedEarly.map { "the recording ended at frame \($0.frame): \($0.reason)" },
      waitedSeconds: recordingWait.inSeconds
    )
  }

  /// An instant on the realtime clock, in nanoseconds since 1970.
  func wall(_ instant: Int64) -> UInt64 { UInt64(max(0, instant + wallOffset)) }
}

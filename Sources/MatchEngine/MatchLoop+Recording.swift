internal import ArenaCore
internal import ArenaSystem
internal import Replay

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension MatchLoop {
  /// Waits until the recording has room for another frame. No seat's clock runs.
  mutating func waitForRecorder() {
    guard let recorder, recorder.isFull else { return }
    recordingWait += recorder.waitForRoom()
    now = MonotonicClock.now()
  }

  /// Records the newest step, if it is not recorded yet. It is called while the agents think about the next one.
  mutating func recordStep() {
    for index in players.indices { players[index].countThought() }
    guard let outcome = unrecorded else { return }
    unrecorded = nil
    if let recorder {
      recorder.beginFrame(
        step: step,
        game: gameNumber,
        timeNanoseconds: wall(unrecordedAt),
        terminated: outcome.terminated,
        truncated: outcome.truncated
      )
      for seat in agents.indices { record(seat, in: recorder) }
      recorder.endFrame()
    }
    for index in players.indices {
      players[index].fault = nil
      players[index].isFaultDuringStall = false
      players[index].thought = 0
    }
  }

  private func record(_ seat: Int, in recorder: ReplayWriter) {
    let index = agents[seat]
    let acted = players[index].actedInUnrecordedStep
    let start = seat * maskSize
    let mask = UnsafeRawBufferPointer(rebasing: masks[start..<start + (acted ? maskSize : 0)])
    recorder.addSeat(
      observation: UnsafeRawBufferPointer(observation(of: index)).bytes,
      action: acted ? UnsafeRawBufferPointer(actionBytes(of: index)).bytes : nil,
      reward: rewards[seat],
      fault: players[index].fault,
      platformStall: players[index].isFaultDuringStall,
      thinkTimeNanoseconds: UInt64(players[index].thought),
      acted: acted,
      forfeited: !players[index].isPlaying,
      actionMask: mask.bytes
    )
  }

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

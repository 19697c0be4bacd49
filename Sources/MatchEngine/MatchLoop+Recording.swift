internal import ArenaCore
internal import ArenaSystem
internal import Replay

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension MatchLoop {
  /// Records a seat with what most steps do not have.
  mutating func recordWithDetails(_ recorded: inout RecordedSeat, _ index: Int, in recorder: ReplayWriter) {
    recorded.fault = players[index].fault
    recorded.platformStall = players[index].isFaultDuringStall
    var details = RecordedSeat.Details()
    if maskSize > 0, recorded.acted {
      let start = seats[index] * maskSize
      details.actionMask = UnsafeRawBufferPointer(rebasing: masks[start..<start + maskSize])
    }
    details.note = players[index].note.bytes
    var message = players[index].fault == nil ? "" : faultMessage(index)
    message.withUTF8 { bytes in
      details.faultMessage = UnsafeRawBufferPointer(bytes)
      recorded.details = details
      recorder.addSeat(recorded)
    }
  }

  /// What is known about the fault of `index` by now. What it said about that itself may still be read, for which no step waits.
  private func faultMessage(_ index: Int) -> String {
    let message = players[index].faultMessage
    let said = signals.inbox.complaintIfRead(agent: index, fault: players[index].faultNumber)
    return said.map { "\(message): \($0.message)" } ?? message
  }

  /// Whether the open frame has anything beside its seats.
  var isMoreRecorded: Bool { mutating get { !game.isInfoDerived || !lateAnswers.isEmpty } }

  /// Records what a frame has beside its seats.
  mutating func recordMore(in recorder: ReplayWriter) {
    for answer in lateAnswers {
      recorder.addLateAnswer(seat: answer.seat, step: answer.step, delayNanoseconds: UInt64(answer.delay))
    }
    guard !game.isInfoDerived else { return }
    let info = environment.info()
    if !info.isEmpty { recorder.addInfo(Provenance.json(JSONValue.object(info)).utf8Span) }
  }

  /// Records that a game begins. One that a forfeit has decided before has no observations.
  func recordGameStart(seed: UInt64, isPlayed: Bool) {
    recorder?.addGameStart(
      game: gameNumber,
      environmentSeed: seed,
      agents: agents,
      observations: isPlayed ? agents.map { Array(observation(of: $0)) } : [],
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
      timeNanoseconds: wall(now),
      faults: finalFaults
    )
  }

  /// Faults that no frame has, by seat: those of a step that was not played any more. No clock runs: what was said about them is waited for.
  private var finalFaults: [FinalFault] {
    agents.enumerated().compactMap { seat, index in
      guard let kind = players[index].fault else { return nil }
      let said = signals.inbox.complaint(agent: index, fault: players[index].faultNumber)
      return FinalFault(
        seat: seat,
        kind: kind,
        message: players[index].faultMessage + (said.map { ": \($0.message)" } ?? ""),
        platformStall: players[index].isFaultDuringStall
      )
    }
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
      sha256: report.sha256,
      endedBecause: report.endedEarly.map { "the recording ended at frame \($0.frame): \($0.reason)" },
      waitedSeconds: recordingWait.inSeconds
    )
  }

  /// An instant on the realtime clock, in nanoseconds since 1970.
  func wall(_ instant: Int64) -> UInt64 { UInt64(max(0, instant + wallOffset)) }
}

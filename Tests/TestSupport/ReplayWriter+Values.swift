public import Replay

/// Recording what is told as values.
extension ReplayWriter {
  /// Records a frame that is told as a value.
  public func add(_ frame: ReplayFrame) {
    beginFrame(
      step: frame.step,
      game: frame.game,
      timeNanoseconds: frame.timeNanoseconds,
      terminated: frame.terminated,
      truncated: frame.truncated
    )
    for seat in frame.seats {
      addSeat(
        seat.observation,
        seat.action,
        reward: seat.reward,
        thinkTimeNanoseconds: seat.thinkTimeMicroseconds * 1000,
        mask: seat.actionMask,
        note: seat.note,
        faultMessage: seat.faultMessage
      ) {
        $0.fault = seat.fault
        $0.platformStall = seat.platformStall
        $0.acted = seat.acted
        $0.forfeited = seat.forfeited
      }
    }
    for answer in frame.lateAnswers {
      addLateAnswer(seat: answer.seat, step: answer.step, delayNanoseconds: answer.delayMicroseconds * 1000)
    }
    addInfo(frame.info.utf8Span)
    endFrame()
  }

  /// Adds a seat whose bytes are arrays; `adjust` says what else happened.
  public func addSeat(
    _ observation: [UInt8],
    _ action: [UInt8],
    reward: Double,
    thinkTimeNanoseconds: UInt64 = 0,
    mask: [UInt8] = [],
    note: String = "",
    faultMessage: String = "",
    adjust: (inout RecordedSeat) -> Void = { _ in }
  ) {
    observation.withUnsafeBytes { observation in
      action.withUnsafeBytes { action in
        mask.withUnsafeBytes { mask in
          Array(note.utf8).withUnsafeBytes { note in
            Array(faultMessage.utf8).withUnsafeBytes { faultMessage in
              var seat = RecordedSeat(
                observation: observation,
                action: action,
                reward: reward,
                thinkTimeNanoseconds: thinkTimeNanoseconds
              )
              if !(mask.isEmpty && note.isEmpty && faultMessage.isEmpty) {
                var details = RecordedSeat.Details()
                details.actionMask = mask
                details.note = note
                details.faultMessage = faultMessage
                seat.details = details
              }
              adjust(&seat)
              addSeat(seat)
            }
          }
        }
      }
    }
  }
}

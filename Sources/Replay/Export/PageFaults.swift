internal import ArenaCore

/// The faults of a block of frames, found without its being decoded: runs of the same fault of the same seat, as `first-last.seat.kind`.
struct PageFaults {
  private struct Run {
    var first: Int
    var last: Int
    var kind: FaultKind
  }

  /// The runs that may go on, by seat.
  private var open: [Run?] = []
  private var text = ""

  /// Takes in the frame with this number in its block.
  mutating func add(_ frame: ReplayFrame, at number: Int) {
    while open.count < frame.seats.count { open.append(nil) }
    for (index, seat) in frame.seats.enumerated() {
      guard let fault = seat.fault else { continue }
      if let run = open[index], run.kind == fault, run.last == number - 1 {
        open[index]?.last = number
      } else {
        write(index)
        open[index] = Run(first: number, last: number, kind: fault)
      }
    }
  }

  private mutating func write(_ seat: Int) {
    guard let run = open[seat] else { return }
    if !text.isEmpty { text += " " }
    text += "\(run.first)-\(run.last).\(seat).\(run.kind.replayNumber)"
    open[seat] = nil
  }

  /// The runs since the last call.
  mutating func close() -> String {
    for seat in open.indices { write(seat) }
    defer { text = "" }
    return text
  }
}

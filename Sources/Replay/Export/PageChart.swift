/// What the charts of a page show of a block of frames, without its being decoded: per `framesPerPoint` frames and seat, the score after
/// the last of them, and the mean and the longest think time.
struct PageChart {
  /// Frames that one point stands for; the last point of a block may stand for fewer.
  let framesPerPoint: Int

  /// A chart of a match with so many steps: of long ones, a point takes about as many bytes in the page as one of its frames.
  init(totalSteps: Int) { framesPerPoint = min(32, max(1, totalSteps / 400)) }

  private struct Seat {
    var score = 0.0
    var thinkTime: UInt64 = 0
    var longest: UInt64 = 0
    var answers: UInt64 = 0
  }

  private var seats: [Seat] = []
  private var frames = 0
  private var points = ""

  /// A game begins: scores are sums of rewards from here on.
  mutating func beginGame() { seats = [] }

  /// Takes in a frame.
  mutating func add(_ frame: ReplayFrame) {
    while seats.count < frame.seats.count { seats.append(Seat()) }
    seats.removeLast(seats.count - frame.seats.count)
    for (index, seat) in frame.seats.enumerated() {
      seats[index].score += seat.reward
      guard seat.acted else { continue }
      seats[index].thinkTime = seats[index].thinkTime.addingReportingOverflow(seat.thinkTimeMicroseconds).partialValue
      seats[index].longest = max(seats[index].longest, seat.thinkTimeMicroseconds)
      seats[index].answers += 1
    }
    frames += 1
    if frames == framesPerPoint { closePoint() }
  }

  private mutating func closePoint() {
    guard frames > 0 else { return }
    frames = 0
    for index in seats.indices {
      if !points.isEmpty { points += "," }
      // A seat that was not asked has no think time, and a gap in its line.
      let seat = seats[index]
      points +=
        "\(Self.number(seat.score))," + (seat.answers > 0 ? "\(seat.thinkTime / seat.answers),\(seat.longest)" : ",")
      seats[index].thinkTime = 0
      seats[index].longest = 0
      seats[index].answers = 0
    }
  }

  /// `value` as JavaScript's `Number` reads it.
  static func number(_ value: Double) -> String {
    if value.isFinite { return Int64(exactly: value).map { "\($0)" } ?? "\(value)" }
    return value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity"
  }

  /// The points since the last call: three numbers per seat each, separated by commas.
  mutating func close() -> String {
    closePoint()
    defer { points = "" }
    return points
  }
}

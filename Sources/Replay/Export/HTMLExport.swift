internal import AgentProtocol
internal import ArenaCore
internal import ArenaSystem

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Writes a replay as one HTML file that plays it, without a network or other files. `docs/REPLAY.md` says what it can do.
///
/// The replay follows the page's markup as elements that browsers do not run, told apart by `data-part`:
///
/// | part | content |
/// |---|---|
/// | `match` | JSON: the match and its result |
/// | `start` | JSON: a game begins |
/// | `frames` | a `PageBlock`, compressed and in base64; beside it its game, first step, frames, faults and chart as attributes |
/// | `end` | JSON: a game is over |
/// | `close` | JSON: the page is whole |
///
/// What has been written is not kept: memory does not grow with the match.
struct HTMLExport: ReplayExporter, ~Copyable {
  private let match: ReplayMatch
  private var output: JSONOutput
  private var deflater = Deflater(level: 6)
  private var block: PageBlock
  private var chart: PageChart
  private var faults = PageFaults()
  /// The game of the frames in `block`, and the step of the first one.
  private var game = 0
  private var firstStep = 0
  private var frameCount = 0

  /// Begins an export of `match` to `descriptor`.
  init(_ match: ReplayMatch, _ heading: ReplayHeading, to descriptor: Int32) {
    self.match = match
    output = JSONOutput(descriptor)
    chart = PageChart(totalSteps: heading.totalSteps)
    block = PageBlock(observation: match.observation, action: match.action)
    output.raw(PageSkeleton.beginning(ReplayHeadline(match, heading), environment: match.environment))
    part("match", PageMatch.json(match, heading, framesPerPoint: chart.framesPerPoint))
  }

  /// Writes the next event.
  ///
  /// - Throws: `SystemFailure` if it cannot be written.
  mutating func add(_ event: ReplayEvent) throws(SystemFailure) {
    switch event {
    case .gameStart(let start):
      try closeBlock()
      chart.beginGame()
      part("start", Self.json(start))
    case .frame(let frame):
      if !block.takes(seats: frame.seats.count) || frame.game != game { try closeBlock() }
      if block.frames == 0 {
        // The start of its game is missing: a damaged file has left it out.
        if frame.game != game { chart.beginGame() }
        (game, firstStep) = (frame.game, frame.step)
      }
      faults.add(frame, at: block.frames)
      chart.add(frame)
      block.add(frame)
      frameCount += 1
      if block.isFull { try closeBlock() }
    case .gameEnd(let end):
      try closeBlock()
      part("end", Self.json(end))
    }
    try output.flushIfFull()
  }

  /// Writes what stands behind the last frame.
  ///
  /// - Throws: `SystemFailure` if it cannot be written.
  mutating func finish() throws(SystemFailure) {
    try closeBlock()
    part("close", .object(["frames": .integer(Int64(frameCount))]))
    output.raw(PageSkeleton.end)
    try output.flush()
  }

  private mutating func part(_ name: String, _ value: JSONValue) {
    output.raw(#"<script type="application/json" data-part="\#(name)">"#)
    output.value(value)
    output.raw("</script>\n")
  }

  private mutating func closeBlock() throws(SystemFailure) {
    guard block.frames > 0 else { return }
    output.raw(
      #"<script type="application/octet-stream" data-part="frames" data-game="\#(game)" data-step="\#(firstStep)" "#
        + #"data-frames="\#(block.frames)" data-faults="\#(faults.close())" data-chart="\#(chart.close())">"#
    )
    let data = Data(try deflater.compress(block.close()))
    output.raw([UInt8](data.base64EncodedData()))
    output.raw("</script>\n")
    try output.flushIfFull()
  }

  private static func json(_ start: ReplayEvent.GameStart) -> JSONValue {
    .object([
      "game": .integer(Int64(start.game)), "seed": .string("\(start.environmentSeed)"),
      "agents": .array(start.agents.map { .integer(Int64($0)) }),
      "observations": .array(
        start.observations.enumerated().map { index, bytes in
          index > 0 && bytes == start.observations[0] ? .null : .string(Data(bytes).base64EncodedString())
        }
      ),
      "time": .integer(Int64(clamping: start.timeNanoseconds / 1000)),
    ])
  }

  private static func json(_ end: ReplayEvent.GameEnd) -> JSONValue {
    .object([
      "game": .integer(Int64(end.game)), "outcomes": .array(end.outcomes.map { .string("\($0)") }),
      // As text, which holds NaN and the infinities too.
      "scores": .array(end.scores.map { .string(PageChart.number($0)) }),
      "steps": .integer(Int64(end.steps)), "reason": .string(end.reason), "info": .string(end.info),
      "faults": .array(
        end.faults.map { .object(["seat": .integer(Int64($0.seat)), "message": .string($0.message)]) }
      ),
      "time": .integer(Int64(clamping: end.timeNanoseconds / 1000)),
    ])
  }
}

internal import AgentProtocol
internal import ArenaCore
internal import ArenaSystem

/// Writes a replay as CSV (RFC 4180): a line per step and seat. Actions and observations that are one number or a flat list of them
/// have a column for each number, all others one column with their JSON.
struct CSVExport: ReplayExporter, ~Copyable {
  private let match: ReplayMatch
  private var output: JSONOutput
  private var seats: [String] = []
  private var frameNumber = 0
  private let actionColumns: Int
  private let observationColumns: Int

  /// Begins an export of `match` to `descriptor`.
  init(_ match: ReplayMatch, to descriptor: Int32) {
    self.match = match
    output = JSONOutput(descriptor)
    actionColumns = Self.columns(match.action)
    observationColumns = Self.columns(match.observation)
    var names = [
      "frame_number", "game", "step", "timestamp", "seat", "agent_id", "reward", "terminated", "truncated", "fault",
      "think_time_sec", "acted", "forfeited",
    ]
    names += Self.names("action", actionColumns) + Self.names("observation", observationColumns) + ["note"]
    output.raw(names.joined(separator: ",") + "\r\n")
  }

  /// Columns that values of `layout` take; 0 for one with JSON.
  private static func columns(_ layout: SpaceLayout) -> Int {
    switch layout.value(in: [UInt8](repeating: 0, count: layout.size).span.bytes) {
    case .array(let elements) where elements.allSatisfy { $0.double != nil }: elements.count
    case .integer, .unsigned, .number: 1
    default: 0
    }
  }

  private static func names(_ name: String, _ columns: Int) -> [String] {
    columns <= 1 ? [name] : (0..<columns).map { "\(name)_\($0)" }
  }

  /// Writes the next event.
  ///
  /// - Throws: `SystemFailure` if it cannot be written.
  mutating func add(_ event: ReplayEvent) throws(SystemFailure) {
    switch event {
    case .gameStart(let start):
      seats = match.names(of: start.agents)
    case .frame(let frame):
      for index in frame.seats.indices { write(frame, index) }
      frameNumber += 1
      try output.flushIfFull()
    case .gameEnd:
      break
    }
  }

  /// Writes what is left.
  ///
  /// - Throws: `SystemFailure` if it cannot be written.
  mutating func finish() throws(SystemFailure) { try output.flush() }

  private mutating func write(_ frame: ReplayFrame, _ index: Int) {
    let seat = frame.seats[index]
    var cells = [
      "\(frameNumber)", "\(frame.game)", "\(frame.step)", "\(ReplayTimes.seconds(frame.timeNanoseconds))", "\(index)",
      Self.quoted(index < seats.count ? seats[index] : ""), "\(seat.reward)", "\(frame.terminated)",
      "\(frame.truncated)",
      seat.fault?.rawValue ?? "", "\(Double(seat.thinkTimeMicroseconds) / 1_000_000)", "\(seat.acted)",
      "\(seat.forfeited)",
    ]
    cells += Self.cells(seat.action, match.action, actionColumns)
    cells += Self.cells(seat.observation, match.observation, observationColumns)
    cells.append(Self.quoted(seat.note))
    output.raw(cells.joined(separator: ",") + "\r\n")
  }

  /// The cells of one value: empty where there is none, or a number that is not finite.
  private static func cells(_ bytes: [UInt8], _ layout: SpaceLayout, _ columns: Int) -> [String] {
    guard bytes.count == layout.size else { return [String](repeating: "", count: max(1, columns)) }
    let value = layout.value(in: bytes.span.bytes, nonFinite: .null)
    guard columns > 0 else { return [quoted(String(decoding: JSONOutput.encoded(value), as: UTF8.self))] }
    let elements = if case .array(let elements) = value { elements } else { [value] }
    return elements.map { $0 == .null ? "" : String(decoding: JSONOutput.encoded($0), as: UTF8.self) }
  }

  /// `text` in quotes where it needs them.
  private static func quoted(_ text: String) -> String {
    guard text.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return text }
    return "\"\(text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\""))\""
  }
}

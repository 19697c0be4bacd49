internal import AgentProtocol
internal import ArenaCore
internal import ArenaSystem

/// Writes a replay as the `rl-arena` package's `replay_to_html` takes it: `frames[].state` holds every agent's observation.
struct PackageExport: ReplayExporter, ~Copyable {
  private let match: ReplayMatch
  private var output: JSONOutput
  private var seats: [String] = []
  private var isFirst = true

  /// Begins an export of `match` to `descriptor`.
  init(_ match: ReplayMatch, _ heading: ReplayHeading, to descriptor: Int32) {
    self.match = match
    output = JSONOutput(descriptor)
    output.raw(#"{"metadata":"#)
    output.value(
      .object([
        "match_id": .string(match.matchID), "environment": .string(match.environment),
        "agents": .array(match.agentIDs.map(JSONValue.string)),
      ])
    )
    let duration = heading.endTime >= heading.startTime ? heading.endTime - heading.startTime : 0
    output.raw(#","duration":\#(ReplayTimes.seconds(duration)),"frames":["#)
  }

  /// Writes the next event.
  ///
  /// - Throws: `SystemFailure` if it cannot be written.
  mutating func add(_ event: ReplayEvent) throws(SystemFailure) {
    switch event {
    case .gameStart(let start):
      seats = match.names(of: start.agents)
    case .frame(let frame):
      output.raw(isFirst ? "\n" : ",\n")
      isFirst = false
      output.raw(#"{"state":{"#)
      for (index, seat) in frame.seats.enumerated() {
        if index > 0 { output.raw(",") }
        output.string(index < seats.count ? seats[index] : "seat \(index)")
        output.raw(":")
        let isWhole = seat.observation.count == match.observation.size
        output.value(isWhole ? match.observation.value(in: seat.observation.span.bytes, nonFinite: .null) : .null)
      }
      output.raw("}}")
      try output.flushIfFull()
    case .gameEnd:
      break
    }
  }

  /// Writes what stands behind the last frame.
  ///
  /// - Throws: `SystemFailure` if it cannot be written.
  mutating func finish() throws(SystemFailure) {
    output.raw("]}\n")
    try output.flush()
  }
}

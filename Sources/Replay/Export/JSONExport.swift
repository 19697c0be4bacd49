internal import AgentProtocol
internal import ArenaCore
package import ArenaSystem

/// Writes a replay in the JSON layout that RL Arena's backend serves and its web player draws: `metadata`, and one entry of
/// `frames` per step, observations, actions and rewards by agent id. `docs/REPLAY.md` lists the members.
package struct JSONExport: ~Copyable {
  /// What is known about a replay before its events are read.
  package struct Heading {
    /// Steps in it.
    package var totalSteps: Int
    /// When the first game began, in nanoseconds since the Unix epoch.
    package var startTime: UInt64
    /// When the last step was over, in nanoseconds since the Unix epoch.
    package var endTime: UInt64

    /// What is known.
    package init(totalSteps: Int, startTime: UInt64, endTime: UInt64) {
      self.totalSteps = totalSteps
      self.startTime = startTime
      self.endTime = endTime
    }
  }

  private let match: ReplayMatch
  private var output: JSONOutput
  private var info: DerivedInfo
  /// The agent in each seat of the game being read.
  private var seats: [String] = []
  private var frameNumber = 0

  /// Begins an export of `match` to `descriptor`.
  package init(_ match: ReplayMatch, _ heading: Heading, to descriptor: Int32) {
    self.match = match
    output = JSONOutput(descriptor)
    info = DerivedInfo(match)
    output.raw(#"{"version":"1.0","metadata":"#)
    output.value(.object(Self.metadata(match, heading)))
    output.raw(#","frames":["#)
  }

  private static func metadata(_ match: ReplayMatch, _ heading: Heading) -> [String: JSONValue] {
    var status = "incomplete"
    var winner = JSONValue.null
    if case .object(let result) = match.result {
      if case .string(let word) = result["status"] {
        status = word == MatchStatus.success.rawValue ? "completed" : word
      }
      if case .string(let id) = result["winner_agent_id"], !id.isEmpty { winner = .string(id) }
    }
    return [
      "match_id": .string(match.matchID),
      "environment": .string(match.environment),
      "agents": .array(match.agentIDs.map(JSONValue.string)),
      "start_time": .number(ReplayTimes.seconds(heading.startTime)),
      "end_time": .number(ReplayTimes.seconds(heading.endTime)),
      "total_steps": .integer(Int64(heading.totalSteps)),
      "winner": winner,
      "status": .string(status),
    ]
  }

  /// Writes the next event.
  ///
  /// - Throws: `SystemFailure` if it cannot be written.
  package mutating func add(_ event: ReplayEvent) throws(SystemFailure) {
    switch event {
    case .gameStart(let start):
      seats = start.agents.map { match.agentIDs.indices.contains($0) ? match.agentIDs[$0] : "agent \($0)" }
      info.begin(start)
    case .frame(let frame):
      write(frame)
      try output.flushIfFull()
    case .gameEnd:
      break
    }
  }

  /// Writes what stands behind the last frame.
  ///
  /// - Throws: `SystemFailure` if it cannot be written.
  package mutating func finish() throws(SystemFailure) {
    output.raw("]}\n")
    try output.flush()
  }

  private mutating func write(_ frame: ReplayFrame) {
    output.raw(frameNumber == 0 ? "\n" : ",\n")
    output.raw(#"{"frame_number":\#(frameNumber),"game":\#(frame.game),"step":\#(frame.step),"timestamp":"#)
    output.number(ReplayTimes.seconds(frame.timeNanoseconds))
    frameNumber += 1

    let (observation, action) = (match.observation, match.action)
    var shared: (bytes: [UInt8], json: [UInt8])?
    members("observations", frame) { seat in
      if let shared, shared.bytes == seat.observation { return shared.json }
      let json = Self.json(seat.observation, observation)
      shared = (seat.observation, json)
      return json
    }
    members("actions", frame) { seat in Self.json(seat.action, action) }
    members("rewards", frame) { seat in JSONOutput.encoded(.number(seat.reward)) }
    if frame.seats.contains(where: { $0.fault != nil }) {
      members("faults", frame) { seat in JSONOutput.encoded(seat.fault.map { .string($0.rawValue) } ?? .null) }
    }
    output.raw(#","done":\#(frame.terminated || frame.truncated),"info":"#)
    output.value(.object(info.info(after: frame)))
    output.raw("}")
  }

  /// Writes one member of a frame: an object with an entry for each seat's agent.
  private mutating func members(_ name: String, _ frame: ReplayFrame, _ json: (ReplayFrame.Seat) -> [UInt8]) {
    output.raw(#","\#(name)":{"#)
    for (index, seat) in frame.seats.enumerated() {
      if index > 0 { output.raw(",") }
      output.string(index < seats.count ? seats[index] : "seat \(index)")
      output.raw(":")
      output.raw(json(seat))
    }
    output.raw("}")
  }

  /// `bytes` of `layout` as JSON; `null` where there are none.
  private static func json(_ bytes: [UInt8], _ layout: SpaceLayout) -> [UInt8] {
    guard bytes.count == layout.size else { return Array("null".utf8) }
    return JSONOutput.encoded(layout.value(in: bytes.span.bytes, nonFinite: .null))
  }
}

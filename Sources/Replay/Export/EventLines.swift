internal import AgentProtocol
internal import ArenaCore
package import ArenaSystem

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Writes events as lines of JSON, one object each: observations and actions as values of their spaces. `docs/REPLAY.md` lists the members.
package struct EventLines: ~Copyable {
  /// The match whose spaces values are read by; nil leaves them as bytes.
  package var match: ReplayMatch?
  private var output: JSONOutput

  /// Lines about a match to `descriptor`.
  package init(_ match: ReplayMatch? = nil, to descriptor: Int32) {
    self.match = match
    output = JSONOutput(descriptor)
  }

  /// Writes the line of an event.
  ///
  /// - Throws: `SystemFailure` if it cannot be written.
  package mutating func add(_ event: ReplayEvent) throws(SystemFailure) {
    switch event {
    case .gameStart(let start): add(start)
    case .frame(let frame): add(frame)
    case .gameEnd(let end): add(end)
    }
    output.raw("}\n")
    try output.flushIfFull()
  }

  /// Hands over all lines.
  ///
  /// - Throws: `SystemFailure` if they cannot be written.
  package mutating func flush() throws(SystemFailure) { try output.flush() }

  private mutating func begin(_ event: String, game: Int, time: UInt64) {
    output.raw(#"{"event":"\#(event)","game":\#(game),"time":"#)
    output.number(ReplayTimes.seconds(time))
  }

  private mutating func add(_ start: ReplayEvent.GameStart) {
    begin("game_start", game: start.game, time: start.timeNanoseconds)
    output.raw(#","environment_seed":\#(start.environmentSeed),"agents":\#(start.agents),"observations":"#)
    let layout = match?.observation
    output.value(.array(start.observations.map { Self.value($0, layout) }))
  }

  private mutating func add(_ end: ReplayEvent.GameEnd) {
    begin("game_end", game: end.game, time: end.timeNanoseconds)
    output.raw(#","steps":\#(end.steps),"reason":"#)
    output.string(end.reason)
    output.raw(#","outcomes":"#)
    output.value(.array(end.outcomes.map { .string("\($0)") }))
    output.raw(#","scores":"#)
    output.value(.array(end.scores.map(JSONValue.number)))
    if !end.faults.isEmpty {
      output.raw(#","faults":"#)
      output.value(.array(end.faults.map(Self.value)))
    }
    add(info: end.info)
  }

  private mutating func add(_ frame: ReplayFrame) {
    begin("frame", game: frame.game, time: frame.timeNanoseconds)
    output.raw(#","step":\#(frame.step),"terminated":\#(frame.terminated),"truncated":\#(frame.truncated),"seats":["#)
    for (index, seat) in frame.seats.enumerated() {
      output.raw(index == 0 ? #"{"observation":"# : #",{"observation":"#)
      output.value(Self.value(seat.observation, match?.observation))
      output.raw(#","action":"#)
      output.value(seat.action.isEmpty ? .null : Self.value(seat.action, match?.action))
      output.raw(#","reward":"#)
      output.number(seat.reward)
      output.raw(#","think_time_us":\#(seat.thinkTimeMicroseconds)"#)
      if !seat.acted { output.raw(#","idle":true"#) }
      if let fault = seat.fault { output.raw(#","fault":"\#(fault.rawValue)""#) }
      if !seat.faultMessage.isEmpty {
        output.raw(#","fault_message":"#)
        output.string(seat.faultMessage)
      }
      if seat.platformStall { output.raw(#","platform_stall":true"#) }
      if seat.forfeited { output.raw(#","forfeited":true"#) }
      if !seat.actionMask.isEmpty { output.raw(#","action_mask":\#(seat.actionMask)"#) }
      if !seat.note.isEmpty {
        output.raw(#","note":"#)
        output.string(seat.note)
      }
      output.raw("}")
    }
    output.raw("]")
    if !frame.lateAnswers.isEmpty {
      let answers = frame.lateAnswers.map {
        #"{"seat":\#($0.seat),"step":\#($0.step),"delay_us":\#($0.delayMicroseconds)}"#
      }
      output.raw(#","late_answers":[\#(answers.joined(separator: ","))]"#)
    }
    add(info: frame.info)
  }

  /// What the environment said, if it said anything: as the JSON that it is, or as a string where it is none.
  private mutating func add(info: String) {
    guard !info.isEmpty else { return }
    output.raw(#","info":"#)
    output.value((try? JSONDecoder().decode(JSONValue.self, from: Data(info.utf8))) ?? .string(info))
  }

  private static func value(_ fault: FinalFault) -> JSONValue {
    var members: [String: JSONValue] = [
      "seat": .integer(Int64(fault.seat)), "fault": fault.kind.map { .string($0.rawValue) } ?? .null,
      "fault_message": .string(fault.message),
    ]
    if fault.platformStall { members["platform_stall"] = .bool(true) }
    return .object(members)
  }

  /// A value of a space; the bytes in hexadecimal digits where they are not one.
  private static func value(_ bytes: [UInt8], _ layout: SpaceLayout?) -> JSONValue {
    guard let layout, bytes.count == layout.size else {
      return .object(["bytes": .string(bytes.hexadecimalDigits)])
    }
    return layout.value(in: bytes.span.bytes, nonFinite: .null)
  }
}

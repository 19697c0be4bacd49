internal import ArenaCore

/// What only some frames of a block have, as JSON: notes, messages, late answers, what the environment says, and bytes that do not fit their space.
struct PageRarities {
  private var json: [UInt8] = [UInt8(ascii: "[")]

  /// Bytes gathered.
  var count: Int { json.count }

  /// Gathers what is rare in the frame with this number in its block.
  mutating func add(_ frame: ReplayFrame, at number: Int, observationSize: Int, actionSize: Int) {
    var members: [String: JSONValue] = [:]
    for (index, seat) in frame.seats.enumerated() {
      var details: [String: JSONValue] = [:]
      if !seat.note.isEmpty { details["note"] = .string(seat.note) }
      if !seat.faultMessage.isEmpty { details["fault_message"] = .string(seat.faultMessage) }
      if seat.observation.count != observationSize {
        details["observation"] = .string(seat.observation.hexadecimalDigits)
      }
      if !seat.action.isEmpty, seat.action.count != actionSize {
        details["action"] = .string(seat.action.hexadecimalDigits)
      }
      if !details.isEmpty { members["\(index)"] = .object(details) }
    }
    if !frame.lateAnswers.isEmpty {
      members["late_answers"] = .array(
        frame.lateAnswers.map { answer in
          .object([
            "seat": .integer(Int64(answer.seat)), "step": .integer(Int64(answer.step)),
            "delay_us": .integer(Int64(clamping: answer.delayMicroseconds)),
          ])
        }
      )
    }
    if !frame.info.isEmpty { members["info"] = .string(frame.info) }
    guard !members.isEmpty else { return }
    if json.count > 1 { json.append(UInt8(ascii: ",")) }
    json += JSONOutput.encoded(.array([.integer(Int64(number)), .object(members)]))
  }

  /// All of it; it is empty afterwards.
  mutating func close() -> [UInt8] {
    defer { json = [UInt8(ascii: "[")] }
    return json + [UInt8(ascii: "]")]
  }
}

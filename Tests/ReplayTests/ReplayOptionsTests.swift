import ArenaCore
import Replay
import Testing

@Suite struct ReplayOptionsTests {
  private func read(_ members: [String: JSONValue]) throws(FieldError) -> ReplayOptions {
    try ReplayOptions(reading: FieldReader(.object(members), path: "replay"))
  }

  @Test func whatIsMissingIsAsInTheStandard() throws {
    #expect(try read([:]) == .standard)
  }

  @Test func everyKeyIsRead() throws {
    let options = try read([
      "compression_level": .integer(7), "chunk_kib": .integer(16), "chunk_interval_sec": .number(0.5),
      "queue_depth": .integer(2),
    ])
    #expect(
      options
        == (try ReplayOptions(level: 7, chunkBytes: 16_384, chunkInterval: .milliseconds(500), queueDepth: 2))
    )
  }

  @Test(arguments: [
    (key: "compression_level", value: JSONValue.integer(20), allowed: "1…19"),
    (key: "chunk_kib", value: .integer(0), allowed: "1…16384"),
    (key: "chunk_interval_sec", value: .number(61), allowed: "0.001…60.0"),
    (key: "queue_depth", value: .string("8"), allowed: "1…1024"),
  ])
  func aValueThatIsNotAllowedIsNamed(key: String, value: JSONValue, allowed: String) {
    let error = #expect(throws: FieldError.self) { try read([key: value]) }
    #expect(error?.field == "replay.\(key)")
    #expect(error?.allowed.contains(allowed) == true)
  }
}

import Foundation
import TestSupport

/// What the `mcap` package from PyPI makes of a file, by both of its readers, with every CRC checked and every message decoded by the
/// protobuf runtime from the schema in the file.
struct PythonReader: Decodable {
  struct Seat: Decodable, Equatable {
    var observation: [UInt8]?
    var action: [UInt8]
    var reward: Double
    var fault: Int
    var thinkTime: UInt64
    var platformStall: Bool
    var idle: Bool
    var forfeited: Bool
    var actionMask: [UInt8]
    var note: String
    var faultMessage: String
  }

  struct LateAnswer: Decodable, Equatable {
    var seat: Int
    var step: UInt64
    var delay: UInt64
  }

  struct Frame: Decodable, Equatable {
    var sequence: UInt64
    var logTime: UInt64
    var step: UInt64
    var game: Int
    var terminated: Bool
    var truncated: Bool
    var seats: [Seat]
    var lateAnswers: [LateAnswer]
    var info: String
  }

  struct GameStart: Decodable, Equatable {
    var game: Int
    var environmentSeed: UInt64
    var agents: [Int]
    var observations: [[UInt8]]
    var time: UInt64
  }

  struct GameEnd: Decodable, Equatable {
    var game: Int
    var outcomes: [Int]
    var scores: [Double]
    var steps: UInt64
    var reason: String
    var info: String
    var time: UInt64
  }

  struct Statistics: Decodable, Equatable {
    var messageCount: UInt64
    var schemaCount: Int
    var channelCount: Int
    var attachmentCount: Int
    var metadataCount: Int
    var chunkCount: Int
    var messageStartTime: UInt64
    var messageEndTime: UInt64
    var channelMessageCounts: [String: UInt64]
  }

  struct Metadata: Decodable, Equatable {
    var name: String
    var metadata: [String: String]
  }

  var profile: String
  var frames: [Frame]
  var starts: [GameStart]
  var ends: [GameEnd]
  var statistics: Statistics
  var chunkIndexes: Int
  var metadata: [Metadata]
  /// Topics in the order of the file.
  var topics: [String]
  var isInTimeOrder: Bool
  /// Whether the message bytes are those that protobuf's own runtime writes for the same message.
  var isCanonical: Bool
  /// Whether both readers gave the same messages.
  var agree: Bool

  /// Reads the file at `path`; fails if Python complains about anything in it.
  static func read(_ path: String) async throws -> PythonReader {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(PythonReader.self, from: await TestPython.run(script, arguments: [path]))
  }

  private static let script = #"""
    import json, sys
    from mcap.reader import NonSeekingReader, SeekingReader
    from mcap.records import Metadata
    from mcap.stream_reader import StreamReader
    from mcap_protobuf.decoder import DecoderFactory

    path = sys.argv[1]

    def messages(kind):
        with open(path, "rb") as file:
            reader = kind(file, validate_crcs=True, decoder_factories=[DecoderFactory()])
            return [(c.topic, m, d) for _, c, m, d in reader.iter_decoded_messages(log_time_order=False)]

    seeking, streaming = messages(SeekingReader), messages(NonSeekingReader)
    with open(path, "rb") as file:
        records = list(StreamReader(file, validate_crcs=True).records)
    with open(path, "rb") as file:
        reader = SeekingReader(file, validate_crcs=True)
        summary, header = reader.get_summary(), reader.get_header()
        metadata = [{"name": m.name, "metadata": m.metadata} for m in reader.iter_metadata()]
    assert [m["name"] for m in metadata] == [r.name for r in records if isinstance(r, Metadata)]

    def fields(message, names):
        return {n: list(v) if isinstance(v := getattr(message, n), bytes) else v for n in names}

    def frame(m, d):
        seats = []
        for s in d.seats:
            seat = fields(s, ["action", "reward", "fault", "think_time", "platform_stall", "idle", "forfeited", "action_mask",
                              "note", "fault_message"])
            if s.HasField("observation"):
                seat["observation"] = list(s.observation)
            seats.append(seat)
        late = [fields(a, ["seat", "step", "delay"]) for a in d.late_answers]
        return {"sequence": m.sequence, "log_time": m.log_time, "seats": seats, "late_answers": late,
                **fields(d, ["step", "game", "terminated", "truncated", "info"])}

    frames = [frame(m, d) for t, m, d in seeking if t == "/frames"]
    events = [d for t, _, d in seeking if t == "/games"]
    starts = [{**fields(e.start, ["game", "environment_seed", "time"]), "agents": list(e.start.agents),
               "observations": [list(o) for o in e.start.observations]} for e in events if e.HasField("start")]
    ends = [{**fields(e.end, ["game", "steps", "reason", "info", "time"]), "outcomes": list(e.end.outcomes),
             "scores": list(e.end.scores)} for e in events if e.HasField("end")]
    s = summary.statistics
    statistics = {n: getattr(s, n) for n in ["message_count", "schema_count", "channel_count", "attachment_count",
        "metadata_count", "chunk_count", "message_start_time", "message_end_time"]}
    statistics["channel_message_counts"] = {summary.channels[i].topic: n for i, n in s.channel_message_counts.items()}
    times = [m.log_time for _, m, _ in seeking]
    json.dump({
        "profile": header.profile, "frames": frames, "starts": starts, "ends": ends, "statistics": statistics,
        "chunk_indexes": len(summary.chunk_indexes), "metadata": metadata, "topics": [t for t, _, _ in seeking],
        "is_in_time_order": times == sorted(times) and all(m.publish_time == m.log_time for _, m, _ in seeking),
        "is_canonical": all(d.SerializeToString(deterministic=True) == m.data for _, m, d in seeking),
        "agree": [m.data for _, m, _ in seeking] == [m.data for _, m, _ in streaming],
    }, sys.stdout)
    """#
}

import ArenaCore
import Glibc
import MatchEngine
import Replay

/// What the orchestrator is told: the match, where the agents' sockets are, where replay and result go.
/// `docs/CONFIGURATION.md` lists the keys.
struct OrchestratorConfiguration {
  /// What to play.
  var spec: MatchSpec
  /// Where the moves come from, in the order of the request's agents.
  var sources: [SeatSource]
  /// The folder under which the replay goes; nil for none.
  var replayRoot: String?
  /// The forms in which the replay is kept.
  var replayForms = Set(ReplayFiles.Form.allCases)
  /// How long all forms beside the recording may take.
  var exportTimeout = Duration.seconds(30)
  /// How the replay is written.
  var replayOptions = ReplayOptions.standard
  /// How the replay is uploaded from within the pod; nil where nobody asked for that.
  var upload: ReplayUpload?
  /// The file that Kubernetes takes the result from; nil where there is none.
  var terminationMessagePath: String?
  /// Bytes that the message in it may take.
  var terminationMessageBytes: Int
  /// Seconds since 1970 by which the verdict must be in.
  var verdictBy: Double?

  /// The machine's name in its cluster, for the record; nil where it has none.
  var node: String?

  static let defaultSocketFolder = "/run/rl-arena/sockets"
  static let defaultReplayRoot = "/tmp/replays"
  static let defaultTerminationMessagePath = "/dev/termination-log"
  static let defaultTerminationMessageBytes = 2048

  /// Reads the configuration.
  ///
  /// - Throws: `FieldError` that names the first field which is missing or not allowed.
  init(_ value: JSONValue) throws(FieldError) {
    let reader = try FieldReader(value)
    spec = try MatchSpec(reading: reader)
    let socketFolder = try reader.string("sockets_dir") ?? Self.defaultSocketFolder
    sources = []
    for (index, entry) in (try reader.array("agents") ?? []).enumerated() {
      let agent = try FieldReader(entry, path: "agents[\(index)]")
      sources.append(try Self.source(agent, default: "\(socketFolder)/agent\(index + 1)/agent.sock"))
    }
    replayRoot = spec.recordReplay ? Self.defaultReplayRoot : nil
    if let replay = try reader.object("replay") {
      if spec.recordReplay, let folder = try replay.string("dir") { replayRoot = folder }
      if let forms = try ReplayFiles.Form.kept(reading: replay) { replayForms = forms }
      if let limit = try replay.seconds("export_timeout_sec", in: 0.001...MatchSpec.maximumSeconds) {
        exportTimeout = limit
      }
      replayOptions = try ReplayOptions(reading: replay)
      upload = try replay.object("upload").map { section throws(FieldError) in try ReplayUpload(reading: section) }
    }
    let message = try reader.object("termination_message")
    terminationMessagePath = try message?.string("path")
    terminationMessageBytes =
      try message?.integer("bytes", in: 128...12_288) ?? Self.defaultTerminationMessageBytes
    node = try reader.string("node") ?? getenv("NODE_NAME").map { String(cString: $0) }
    verdictBy = try reader.value("verdict_by").map { value throws(FieldError) in
      guard let seconds = value.double, seconds >= 0 else {
        throw reader.wrong("verdict_by", value, "seconds since 1970")
      }
      return seconds
    }
  }

  private static func source(_ agent: FieldReader, default path: String) throws(FieldError) -> SeatSource {
    if let builtIn = try agent.choice("builtin", of: BuiltInAgent.self) { return .builtIn(builtIn) }
    return .socket(
      path: try agent.string("socket") ?? path,
      uid: try agent.integer("uid", in: 0...Int64(UInt32.max)).map { UInt32($0) }
    )
  }
}

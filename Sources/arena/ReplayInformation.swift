import ArenaCore
import Foundation
import Replay

/// What a person wants to know about a replay, without its steps.
struct ReplayInformation {
  private let reader: ReplayReader
  private let match: ReplayMatch?
  private let result: MatchResult?
  /// Games that have frames; nil where the last frame cannot be read.
  private let games: Int?

  /// Reads the last frame beside what `reader` knows.
  init(_ reader: ReplayReader) {
    self.reader = reader
    match = ReplayCommand.match(reader.metadata)
    result = reader.metadata["result"]?["json"].flatMap {
      try? JSONDecoder().decode(MatchResult.self, from: Data($0.utf8))
    }
    games = reader.frameCount == 0 ? 0 : (try? reader.frame(reader.frameCount - 1)).map { $0.game + 1 }
  }

  private var bytesPerFrame: Double? {
    reader.frameCount > 0 ? Double(reader.size) / Double(reader.frameCount) : nil
  }

  private var seconds: Double? { reader.times.map { Double($0.upperBound - $0.lowerBound) / 1e9 } }

  private var state: String {
    if let damage = reader.damage { return "damaged: \(damage)" }
    return reader.isComplete ? "complete" : "without its end: it is still written, or its writer was killed"
  }

  // MARK: - For people

  /// Everything, without a final line break.
  var text: String {
    var lines: [(String, String)] = []
    if let match {
      lines += [
        ("match", match.matchID), ("environment", match.environment),
        ("agents", match.agentIDs.joined(separator: ", ")), ("seed", match.seed.map { "\($0)" } ?? "unknown"),
        ("settings", Self.list(match.configuration.mapValues { "\($0)" })),
      ]
      if let limits = reader.metadata["limits"] { lines.append(("limits", Self.list(limits))) }
      if let policy = reader.metadata["policy"] { lines.append(("policy", Self.list(policy))) }
      lines.append(("recorded by", match.version.isEmpty ? "an unknown version" : "version \(match.version)"))
    } else {
      lines.append(("match", "not described by the file"))
    }
    let perFrame = bytesPerFrame.map { String(format: " (%.1f a frame)", $0) } ?? ""
    lines += [
      ("file", "\(reader.path), \(reader.size) bytes\(perFrame)"),
      ("frames", "\(reader.frameCount)" + (games.map { " in \($0) \($0 == 1 ? "game" : "games")" } ?? "")),
      ("chunks", "\(reader.chunkCount), \(reader.uncompressedSize) bytes uncompressed"),
    ]
    if let seconds, let times = reader.times {
      lines.append(("duration", "\(MatchReport.time(seconds)) from \(Self.date(times.lowerBound))"))
    }
    lines.append(("state", state))
    if let result { lines.append(("result", Self.verdict(result))) }
    let width = lines.map(\.0.count).max() ?? 0
    var text = lines.map { $0 + String(repeating: " ", count: width + 2 - $0.count) + $1 }.joined(separator: "\n")
    if let result { text += "\n\n" + AgentTable.text(of: result.agentResults) }
    return text
  }

  private static func verdict(_ result: MatchResult) -> String {
    let status =
      switch result.status {
      case .success: result.winnerAgentID.map { "\($0) wins" } ?? "a draw"
      case .timeout, .error, .cancelled: result.status.rawValue
      }
    return status + (result.errorMessage.map { ": \($0)" } ?? "")
  }

  private static func list(_ values: [String: String]) -> String {
    values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
  }

  private static func date(_ nanoseconds: UInt64) -> String {
    Date(timeIntervalSince1970: Double(nanoseconds) / 1e9).formatted(.iso8601)
  }

  // MARK: - For programs

  /// Everything, as one object.
  var json: JSONValue {
    .object([
      "path": .string(reader.path), "bytes": .integer(Int64(clamping: reader.size)),
      "bytes_per_frame": bytesPerFrame.map(JSONValue.number) ?? .null,
      "uncompressed_bytes": .integer(Int64(clamping: reader.uncompressedSize)),
      "frames": .integer(Int64(reader.frameCount)), "chunks": .integer(Int64(reader.chunkCount)),
      "games": games.map { .integer(Int64($0)) } ?? .null,
      "started_at": reader.times.map { .number(Double($0.lowerBound / 1000) / 1e6) } ?? .null,
      "duration_sec": seconds.map(JSONValue.number) ?? .null,
      "is_complete": .bool(reader.isComplete),
      "damage": reader.damage.map { .string($0.description) } ?? .null,
      "match": match.map { match in
        .object([
          "match_id": .string(match.matchID), "environment": .string(match.environment),
          "configuration": .object(match.configuration), "agents": .array(match.agentIDs.map(JSONValue.string)),
          "seed": match.seed.map { seed in Int64(exactly: seed).map(JSONValue.integer) ?? .unsigned(seed) } ?? .null,
          "version": .string(match.version),
        ])
      } ?? .null,
      "result": match?.result ?? .null,
      "metadata": .object(reader.metadata.mapValues { .object($0.mapValues(JSONValue.string)) }),
    ])
  }
}

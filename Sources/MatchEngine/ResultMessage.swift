public import ArenaCore

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// A match's result as JSON, whole or shortened to fit a number of bytes.
///
/// Kubernetes cuts a termination message in mid-character; shortening here keeps it valid JSON with the parts that matter most.
public enum ResultMessage {
  /// The whole result on one line.
  public static func whole(_ result: MatchResult) -> String { text(tree(of: result)) }

  /// The result in at most `budget` bytes, marked with `"truncated": true` where something was left out.
  ///
  /// - Returns: valid JSON, within any budget from 48 bytes on.
  public static func shortened(_ result: MatchResult, toFit budget: Int) -> String {
    var tree = tree(of: result)
    var message = text(tree)
    for cut in cuts {
      guard message.utf8.count > budget else { break }
      cut(&tree)
      tree["truncated"] = .bool(true)
      message = text(tree)
    }
    return message
  }

  private typealias Tree = [String: JSONValue]

  /// What may go, the least important first.
  private static let cuts: [@Sendable (inout Tree) -> Void] = [
    { inFailures(&$0) { $0["log_tail"] = nil } },
    { inFailures(&$0) { $0["traceback"] = shortened($0["traceback"], to: 500, fromEnd: true) } },
    { $0["games"] = mapped($0["games"]) { $0["info"] = nil } },
    { inFailures(&$0) { $0["last_bytes"] = nil } },
    { inFailures(&$0) { $0["traceback"] = nil } },
    { $0["games"] = nil },
    { $0["platform"] = nil },
    { inAgents(&$0) { $0["failure"] = nil } },
    { inAgents(&$0) { $0["error_message"] = shortened($0["error_message"], to: 120) } },
    { $0["error_message"] = shortened($0["error_message"], to: 200) },
    {
      inAgents(&$0) {
        for key in ["think_time", "dropped_answers", "cpu_time_sec", "startup_time_sec"] { $0[key] = nil }
      }
    },
    { for key in ["recording", "replay_mcap_url", "version", "started_at", "voids", "environment"] { $0[key] = nil } },
    { inAgents(&$0) { $0["error_message"] = nil } },
    { inAgents(&$0) { $0["faults"] = nil } },
    { $0["error_message"] = shortened($0["error_message"], to: 60) },
    { $0 = $0.filter { ["match_id", "status", "winner_agent_id", "agent_results", "total_steps"].contains($0.key) } },
    { $0["agent_results"] = nil },
    { $0 = $0.filter { ["match_id", "status", "winner_agent_id"].contains($0.key) } },
    // Names may be longer than the whole budget. Who reads this knows the match's; what was left out stands in the log.
    { $0["match_id"] = nil },
    { $0["winner_agent_id"] = nil },
  ]

  private static func inAgents(_ tree: inout Tree, _ change: (inout Tree) -> Void) {
    tree["agent_results"] = mapped(tree["agent_results"], change)
  }

  private static func inFailures(_ tree: inout Tree, _ change: (inout Tree) -> Void) {
    inAgents(&tree) { agent in
      guard case .object(var failure) = agent["failure"] else { return }
      change(&failure)
      agent["failure"] = .object(failure)
    }
  }

  private static func mapped(_ value: JSONValue?, _ change: (inout Tree) -> Void) -> JSONValue? {
    guard case .array(let elements) = value else { return value }
    return .array(
      elements.map { element in
        guard case .object(var members) = element else { return element }
        change(&members)
        return .object(members)
      }
    )
  }

  private static func shortened(_ value: JSONValue?, to limit: Int, fromEnd: Bool = false) -> JSONValue? {
    guard case .string(let text) = value, text.utf8.count > limit else { return value }
    var kept = fromEnd ? text.unicodeScalars.suffix(limit) : text.unicodeScalars.prefix(limit)
    while String(kept).utf8.count > limit { if fromEnd { kept.removeFirst() } else { kept.removeLast() } }
    return .string(fromEnd ? "…" + String(kept) : String(kept) + "…")
  }

  private static func tree(of result: MatchResult) -> Tree {
    guard let data = try? encoder.encode(result), let tree = try? JSONDecoder().decode(Tree.self, from: data) else {
      preconditionFailure("a result can always be written as JSON")
    }
    return tree
  }

  private static func text(_ tree: Tree) -> String {
    guard let data = try? encoder.encode(tree) else { preconditionFailure("a JSON value can always be written") }
    return String(decoding: data, as: UTF8.self)
  }

  private static var encoder: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf",
      negativeInfinity: "-inf",
      nan: "NaN"
    )
    return encoder
  }
}

import ArenaCore
import ArenaSystem
import Foundation
import ReplayDelivery

/// One line of log for everything that happens to deliveries, on standard output.
struct DeliveryLog: Sendable {
  /// Whether lines are JSON.
  var isJSON: Bool

  /// Logs an event.
  func callAsFunction(_ event: DeliveryEvent) {
    switch event {
    case .delivered(let name, let report, let isAbandoned):
      let result = report.result
      var text = "\(report.wasThere ? "there already" : "delivered") \(name) → \(result.url)"
      text += ", \(result.bytes ?? 0) bytes, checked by its \(result.check?.rawValue ?? "")"
      if report.resumedParts > 0 { text += ", \(report.resumedParts) parts were there, \(report.sentParts) sent" }
      if isAbandoned { text += "; it has no end, and nobody writes to it any more" }
      write(
        "delivered",
        text,
        [
          "file": .string(name), "url": .string(result.url), "bytes": .integer(Int64(result.bytes ?? 0)),
          "sha256": .string(result.sha256 ?? ""), "check": .string(result.check?.rawValue ?? ""),
          "was_there": .bool(report.wasThere), "has_no_end": .bool(isAbandoned),
          "resumed_parts": .integer(Int64(report.resumedParts)), "sent_parts": .integer(Int64(report.sentParts)),
        ]
      )
    case .failed(let name, let report, let retryAfter):
      let reason = report.result.error ?? "it is not known why"
      let seconds = (retryAfter.inSeconds * 10).rounded() / 10
      write(
        "failed",
        "not delivered: \(name) → \(report.result.url): \(reason)",
        [
          "file": .string(name), "url": .string(report.result.url), "error": .string(reason),
          "retry_after_sec": .number(seconds),
        ]
      )
    case .removed(let name): write("removed", "removed \(name)", ["file": .string(name)])
    case .kept(let name):
      write("kept", "kept \(name): it has changed, or cannot be removed", ["file": .string(name)])
    case .ignored(let name, let reason):
      // A name that no match has may be anything.
      let printable = Self.printable(name)
      write(
        "ignored",
        "left alone: \(printable): \(reason)",
        ["file": .string(printable), "reason": .string(reason)]
      )
    case .unreadable(let reason): write("unreadable", reason, ["reason": .string(reason)])
    }
  }

  /// Logs that a request is tried again.
  func retry(_ text: String) { write("retry", text, ["reason": .string(text)]) }

  /// Logs that the watch begins or ends.
  func note(_ event: String, _ text: String) { write(event, text, [:]) }

  private static func printable(_ name: String) -> String {
    let shown = name.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? "?" : String($0) }.joined()
    return shown.count <= 200 ? shown : shown.prefix(199) + "…"
  }

  private func write(_ event: String, _ text: String, _ members: [String: JSONValue]) {
    let time = Date.now.formatted(.iso8601)
    guard isJSON else {
      OutputStream.standardOutput("\(time) \(text)\n")
      return
    }
    let all = members.merging(["event": .string(event), "time": .string(time)]) { $1 }
    OutputStream.standardOutput(Self.line(JSONValue.object(all)))
  }

  /// A value as one line of JSON.
  static func line(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(value) else { preconditionFailure("a JSON value can always be written") }
    return String(decoding: data, as: UTF8.self) + "\n"
  }
}

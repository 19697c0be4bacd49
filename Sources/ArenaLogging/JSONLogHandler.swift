public import Glibc
public import Logging

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Writes log records to standard error or a file, one JSON object per line: `time` (UTC), `level`, `message`, then the metadata.
public struct JSONLogHandler: LogHandler {
  /// Records below this level are dropped.
  public var logLevel: Logger.Level
  /// Members of every record.
  public var metadata: Logger.Metadata = [:]

  private let descriptor: Int32

  /// A handler that drops records below `level` and writes the others to `descriptor`, which stays the caller's to close.
  public init(level: Logger.Level, descriptor: Int32 = STDERR_FILENO) {
    logLevel = level
    self.descriptor = descriptor
  }

  /// One member of every record.
  public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  /// Writes one record.
  public func log(event: LogEvent) {
    // One call for the whole line, so that lines of several threads do not mix. A closed standard error loses logs, nothing else.
    line(for: event).withUnsafeBytes { _ = write(descriptor, $0.baseAddress, $0.count) }
  }

  /// A record as one line.
  func line(for event: LogEvent) -> Data {
    var members = metadata.merging(event.metadata ?? [:]) { $1 }.mapValues(Self.json)
    members["time"] = .string(Date.now.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
    members["level"] = .string(event.level.rawValue)
    members["message"] = .string("\(event.message)")
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard var line = try? encoder.encode(members) else { preconditionFailure("text and finite numbers are JSON") }
    line.append(UInt8(ascii: "\n"))
    return line
  }

  private static func json(_ value: Logger.Metadata.Value) -> Member {
    switch value {
    case .string(let text): .string(text)
    case .stringConvertible(let value as Int): .integer(value)
    case .stringConvertible(let value as Double) where value.isFinite: .number(value)
    case .stringConvertible(let value): .string(value.description)
    case .array(let values): .array(values.map(json))
    case .dictionary(let values): .object(values.mapValues(json))
    }
  }

  private enum Member: Encodable {
    case string(String)
    case integer(Int)
    case number(Double)
    case array([Member])
    case object([String: Member])

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .string(let value): try container.encode(value)
      case .integer(let value): try container.encode(value)
      case .number(let value): try container.encode(value)
      case .array(let value): try container.encode(value)
      case .object(let value): try container.encode(value)
      }
    }
  }
}

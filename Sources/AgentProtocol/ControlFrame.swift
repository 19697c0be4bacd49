#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Writes and reads frames with JSON payloads.
public enum ControlFrame {
  /// A whole frame: header and `payload` as JSON with sorted keys.
  public static func encode(_ kind: FrameKind, flags: UInt8 = 0, sequence: UInt64 = 0, _ payload: some Encodable)
    -> [UInt8]
  {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Payloads are our own small types: what JSON cannot hold (a NaN score, say) is written as text.
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf",
      negativeInfinity: "-inf",
      nan: "NaN"
    )
    guard let json = try? encoder.encode(payload) else { preconditionFailure("\(kind) cannot be written as JSON") }
    var frame = [UInt8](repeating: 0, count: FrameHeader.size)
    frame.withUnsafeMutableBytes { buffer in
      var bytes = buffer.mutableBytes
      FrameHeader(length: UInt32(json.count), kind: kind, flags: flags, sequence: sequence).write(to: &bytes)
    }
    frame.append(contentsOf: json)
    return frame
  }

  /// Reads the JSON payload of a frame `kind`.
  ///
  /// - Throws: `ProtocolViolation.badPayload` with what is wrong.
  public static func decode<Payload: Decodable>(
    _ type: Payload.Type,
    _ kind: FrameKind,
    payload: [UInt8]
  ) throws(ProtocolViolation) -> Payload {
    if let problem = JSONLimits.problem(with: payload.span.bytes) { throw .badPayload(kind, problem) }
    do {
      return try JSONDecoder().decode(type, from: Data(payload))
    } catch DecodingError.keyNotFound(let key, _) {
      throw .badPayload(kind, "lacks \"\(key.stringValue)\"")
    } catch DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context) {
      let path = context.codingPath.map(\.stringValue).joined(separator: ".")
      throw .badPayload(kind, path.isEmpty ? "is not an object" : "has a \"\(path)\" of the wrong type")
    } catch {
      throw .badPayload(kind, "is not valid JSON")
    }
  }
}

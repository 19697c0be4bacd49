public import ArenaCore
internal import Glibc

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Reads JSON that a person or another program wrote to a file, or to standard input.
public enum JSONFile {
  /// Larger files are refused: 16 MiB.
  public static let sizeLimit = 16 << 20

  /// The value in the file at `path`.
  ///
  /// - Throws: `FieldError` with one sentence if there is no such file, it is too large, or it is not JSON.
  public static func read(_ path: String) throws(FieldError) -> JSONValue {
    let data: Data
    do {
      data = try Data(contentsOf: URL(filePath: path))
    } catch {
      let isThere = FileManager.default.fileExists(atPath: path)
      throw FieldError(field: path, given: isThere ? "not readable" : "not there", allowed: "a readable JSON file")
    }
    return try value(data, in: path)
  }

  /// The value on standard input, read to its end.
  ///
  /// - Throws: `FieldError` with one sentence if it cannot be read, is too large, or is not JSON.
  public static func readStandardInput() throws(FieldError) -> JSONValue {
    let name = "standard input"
    var data = Data()
    var piece = [UInt8](repeating: 0, count: 65536)
    while data.count <= sizeLimit {
      let count = Glibc.read(STDIN_FILENO, &piece, piece.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw FieldError(field: name, given: "not readable", allowed: "JSON") }
      if count == 0 { break }
      data.append(contentsOf: piece[..<count])
    }
    return try value(data, in: name)
  }

  /// The value that a setting's text stands for: what is no JSON is a string.
  public static func setting(_ text: String) -> JSONValue {
    (try? JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))) ?? .string(text)
  }

  private static func value(_ data: Data, in path: String) throws(FieldError) -> JSONValue {
    guard data.count <= sizeLimit else {
      throw FieldError(field: path, given: "more than \(sizeLimit) bytes long", allowed: "at most that long")
    }
    do {
      return try JSONDecoder().decode(JSONValue.self, from: data)
    } catch DecodingError.dataCorrupted(let context) {
      let detail = (context.underlyingError as? CocoaError)?.userInfo["NSDebugDescription"] as? String
      throw FieldError(
        field: path,
        given: "not valid JSON (\(detail ?? context.debugDescription))",
        allowed: "a JSON object"
      )
    } catch {
      throw FieldError(field: path, given: "not valid JSON", allowed: "a JSON object")
    }
  }
}

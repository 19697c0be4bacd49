public import ArenaCore

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Reads JSON that a person or another program wrote to a file.
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
    guard data.count <= sizeLimit else {
      throw FieldError(field: path, given: "\(data.count) bytes long", allowed: "at most \(sizeLimit) bytes long")
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

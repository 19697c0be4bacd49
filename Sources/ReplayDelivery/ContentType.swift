/// The media types of what a match leaves behind.
enum ContentType {
  /// The type of the file `name`, by its ending.
  static func of(_ name: String) -> String {
    switch name.split(separator: ".").last.map({ $0.lowercased() }) {
    case "json": "application/json"
    case "html": "text/html; charset=utf-8"
    case "csv": "text/csv; charset=utf-8"
    default: "application/octet-stream"
    }
  }
}

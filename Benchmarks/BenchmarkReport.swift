#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// What was measured, in the order in which it was.
struct BenchmarkReport {
  /// One figure.
  struct Figure: Encodable {
    /// Its name, with dots: what, with what, which.
    var name: String
    var value: Double
    /// The value's unit, such as `us`, `1/s` or `MiB`.
    var unit: String
  }

  private(set) var results: [Figure] = []
  private(set) var ratios: [Figure] = []
  /// Sentences about how something was measured, or why it was not.
  private(set) var notes: [String] = []

  /// Adds a figure.
  mutating func add(_ name: String, _ value: Double, _ unit: String) {
    results.append(Figure(name: name, value: value, unit: unit))
  }

  /// Adds how ours compares with another.
  mutating func addRatio(_ name: String, _ value: Double) {
    ratios.append(Figure(name: name, value: value, unit: "x"))
  }

  /// Adds a sentence for the reader.
  mutating func note(_ sentence: String) { notes.append(sentence) }

  /// One JSON object: `results`, `ratios` and `notes`.
  var json: String {
    get throws {
      struct Document: Encodable {
        var results: [Figure]
        var ratios: [String: Double]
        var notes: [String]
      }
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
      let ratios = Dictionary(uniqueKeysWithValues: ratios.map { ($0.name, $0.value) })
      let bytes = try encoder.encode(Document(results: results, ratios: ratios, notes: notes))
      return String(decoding: bytes, as: UTF8.self)
    }
  }

  /// Lines for people.
  var table: String {
    let width = (results + ratios).map(\.name.count).max() ?? 0
    func line(_ figure: Figure) -> String {
      let name = figure.name + String(repeating: " ", count: width - figure.name.count)
      let value = Self.text(figure.value)
      return "\(name)  \(String(repeating: " ", count: max(0, 10 - value.count)))\(value) \(figure.unit)"
    }
    return (results.map(line) + [""] + ratios.map(line) + (notes.isEmpty ? [] : [""] + notes)).joined(separator: "\n")
  }

  /// Three digits behind the point, fewer for large numbers.
  private static func text(_ value: Double) -> String {
    guard value.magnitude < 1000 else { return "\(Int(value.rounded()))" }
    let thousandths = Int((value * 1000).rounded())
    let digits = "\(thousandths.magnitude % 1000)"
    return "\(thousandths < 0 ? "-" : "")\(thousandths.magnitude / 1000)."
      + String(repeating: "0", count: 3 - digits.count) + digits
  }
}

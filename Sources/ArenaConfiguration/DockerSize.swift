internal import ArenaCore

/// A number of bytes in Docker's notation: a whole number, followed by `b`, `k`, `m` or `g` or nothing, in steps of 1024.
///
/// Source: <https://docs.docker.com/engine/containers/run/#user-memory-constraints>. Kubernetes' `m` would be a thousandth and its
/// units are written `Mi`, so those are no sizes here.
enum DockerSize {
  /// What messages say is allowed.
  static let notation =
    "Docker's notation (a whole number with b, k, m or g, in steps of 1024), such as \"512m\" or \"2g\""

  private static let shifts: [(unit: Character, shift: Int)] = [("g", 30), ("m", 20), ("k", 10), ("b", 0)]

  /// The bytes that `value` stands for, or nil.
  static func bytes(_ value: JSONValue) -> Int? {
    switch value {
    case .integer(let bytes): return bytes < 0 ? nil : Int(exactly: bytes)
    case .string(let text):
      let text = text.lowercased()
      let shift = shifts.first { $0.unit == text.last }?.shift
      let digits = shift == nil ? Substring(text) : text.dropLast()
      guard digits.allSatisfy({ $0.isASCII && $0.isNumber }), let number = Int(digits) else { return nil }
      return number <= Int.max >> (shift ?? 0) ? number << (shift ?? 0) : nil
    default: return nil
    }
  }

  /// `bytes` with the largest unit that leaves a whole number.
  static func text(_ bytes: Int) -> String {
    let (unit, shift) = shifts.first { bytes != 0 && bytes % (1 << $0.shift) == 0 } ?? ("b", 0)
    return "\(bytes >> shift)\(unit)"
  }
}

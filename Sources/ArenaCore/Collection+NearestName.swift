extension Collection<String> {
  /// The element that `name` was most likely meant to be: the fewest typing mistakes away, if few.
  ///
  /// Case does not count. Complexity: O(n · m²) for n elements of m letters; meant for error messages.
  public func nearest(to name: String) -> String? {
    let letters = Array(name.lowercased().prefix(64))
    let ranked = map { (element: $0, mistakes: Self.mistakes(between: letters, and: Array($0.lowercased()))) }
    guard let best = ranked.min(by: { $0.mistakes < $1.mistakes }) else { return nil }
    let isLikely = best.mistakes <= Swift.max(2, best.element.count / 3) && best.mistakes < best.element.count
    return isLikely ? best.element : nil
  }

  /// Insertions, deletions, substitutions and swaps of neighbours that lead from `left` to `right`.
  ///
  /// Source: the "optimal string alignment" distance, <https://en.wikipedia.org/wiki/Damerau–Levenshtein_distance>.
  private static func mistakes(between left: [Character], and right: [Character]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...right.count)
    for (row, letter) in left.enumerated() {
      var current = [row + 1]
      for (column, other) in right.enumerated() {
        var cost = Swift.min(last[column + 1] + 1, current[column] + 1, last[column] + (letter == other ? 0 : 1))
        if row > 0, column > 0, letter == right[column - 1], left[row - 1] == other {
          cost = Swift.min(cost, beforeLast[column - 1] + 1)
        }
        current.append(cost)
      }
      beforeLast = last
      last = current
    }
    return last[right.count]
  }
}

/// Waits for what other processes do.
enum Wait {
  /// Asks again and again, for at most `seconds`, whether something has come true.
  static func until(seconds: Double = 60, _ condition: () async throws -> Bool) async rethrows -> Bool {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < deadline {
      if try await condition() { return true }
      try? await Task.sleep(for: .milliseconds(20))
    }
    return false
  }
}

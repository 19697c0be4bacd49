import ArenaCore
import ArgumentParser

/// Durations on the command line: a number and `ms`, `s` or `m`.
enum DurationArgument {
  /// Reads a duration.
  ///
  /// - Throws: `ValidationError` that says how durations are written.
  @Sendable static func parse(_ argument: String) throws -> Duration {
    let units: [(suffix: String, seconds: Double)] = [("ms", 0.001), ("s", 1), ("m", 60)]
    guard let unit = units.first(where: { argument.hasSuffix($0.suffix) }),
      let number = Double(argument.dropLast(unit.suffix.count)),
      (0...MatchSpec.maximumSeconds).contains(number * unit.seconds),
      let duration = Duration(inSeconds: number * unit.seconds)
    else { throw ValidationError("a duration is a number and ms, s or m, such as 500ms, and at most a day") }
    return duration
  }

  /// Reads a duration that is not 0.
  ///
  /// - Throws: `ValidationError` that says how durations are written.
  @Sendable static func parseLimit(_ argument: String) throws -> Duration {
    let duration = try parse(argument)
    guard duration > .zero else { throw ValidationError("a limit is more than 0; --no-timeouts lifts all limits") }
    return duration
  }

  /// Reads how long something is good for: a number and `s`, `m`, `h` or `d`, from a second to a week.
  ///
  /// - Throws: `ValidationError` that says how such a time is written.
  @Sendable static func parseValidity(_ argument: String) throws -> Duration {
    let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
    guard let seconds = argument.last.flatMap({ units[$0] }), let number = Double(argument.dropLast()),
      (1...7 * 86_400).contains(number * seconds), let duration = Duration(inSeconds: number * seconds)
    else { throw ValidationError("a time is a number and s, m, h or d, such as 1h, from 1s to 7d") }
    return duration
  }
}

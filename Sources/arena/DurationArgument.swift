import ArenaCore
import ArgumentParser

/// A duration on the command line: a number and `ms`, `s` or `m`.
struct DurationArgument: ExpressibleByArgument, Sendable {
  /// The duration.
  let duration: Duration
  /// What was written.
  let defaultValueDescription: String

  init?(argument: String) {
    let units: [(suffix: String, seconds: Double)] = [("ms", 0.001), ("s", 1), ("m", 60)]
    guard let unit = units.first(where: { argument.hasSuffix($0.suffix) }),
      let number = Double(argument.dropLast(unit.suffix.count)),
      (0...MatchSpec.maximumSeconds).contains(number * unit.seconds),
      let duration = Duration(inSeconds: number * unit.seconds)
    else { return nil }
    self.duration = duration
    defaultValueDescription = argument
  }
}

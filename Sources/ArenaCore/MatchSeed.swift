/// The one number that decides everything random in a match, and the streams derived from it.
public struct MatchSeed: Equatable, Sendable {
  /// The seed as given or drawn; game 0's environment gets exactly this number.
  public let value: UInt64

  /// The seed of a match.
  public init(_ value: UInt64) {
    self.value = value
  }

  /// A seed drawn from the system's generator.
  public static func drawn() -> MatchSeed {
    var generator = SystemRandomNumberGenerator()
    return MatchSeed(generator.next())
  }

  /// The seed of game `game`'s environment, counted from 0.
  public func environment(game: Int) -> UInt64 {
    game == 0 ? value : derived(purpose: 1, index: game)
  }

  /// The generator that draws fallback actions for the agent at `agent`, its index in the request.
  public func fallbackActions(agent: Int) -> SplitMix64 {
    SplitMix64(seed: derived(purpose: 2, index: agent))
  }

  /// The generator of a built-in agent at index `agent` of the request.
  public func builtInAgent(agent: Int) -> SplitMix64 {
    SplitMix64(seed: derived(purpose: 3, index: agent))
  }

  private func derived(purpose: UInt64, index: Int) -> UInt64 {
    var generator = SplitMix64(seed: value ^ (purpose << 56) ^ (UInt64(index) &* 0xD6E8_FEB8_6659_FD93))
    _ = generator.next()
    return generator.next()
  }
}

import ArenaCore
import Testing

/// Where a match's random numbers come from.
@Suite struct RandomnessTests {
  /// The first numbers of the reference implementation, <https://prng.di.unimi.it/splitmix64.c>.
  static let reference: [(seed: UInt64, numbers: [UInt64])] = [
    (0, [0xE220_A839_7B1D_CDAF, 0x6E78_9E6A_A1B9_65F4, 0x06C4_5D18_8009_454F, 0xF88B_B8A8_724C_81EC]),
    (
      1_234_567,
      [
        6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423, 4_593_380_528_125_082_431,
        16_408_922_859_458_223_821,
      ]
    ),
  ]

  @Test(arguments: reference) func `SplitMix64 gives the published numbers`(seed: UInt64, numbers: [UInt64]) {
    var generator = SplitMix64(seed: seed)
    #expect(numbers.map { _ in generator.next() } == numbers)
  }

  @Test(arguments: [0, 1, 7, 1 << 63, UInt64.max]) func `the first game has exactly the match's seed`(seed: UInt64) {
    #expect(MatchSeed(seed).environment(game: 0) == seed)
  }

  @Test(arguments: [0, 1, 42, 1 << 63, UInt64.max]) func `all streams of a match differ, and repeat`(seed: UInt64) {
    func firsts() -> [UInt64] {
      (0..<1000).flatMap { index in
        var generators = [
          MatchSeed(seed).fallbackActions(agent: index), MatchSeed(seed).builtInAgent(agent: index),
          SplitMix64(seed: MatchSeed(seed).environment(game: index)),
        ]
        return generators.indices.map { generators[$0].next() }
      }
    }
    let numbers = firsts()
    #expect(Set(numbers).count == numbers.count)
    #expect(numbers == firsts())
  }

  @Test func `matches with neighbouring seeds share no stream`() {
    let games = (0..<100).flatMap { seed in (0..<100).map { MatchSeed(UInt64(seed)).environment(game: $0) } }
    // Game 0's seeds are the matches' own, 0 … 99.
    #expect(Set(games).count == games.count)
  }

  @Test func `drawn seeds differ`() {
    #expect(Set((0..<100).map { _ in MatchSeed.drawn().value }).count == 100)
  }
}

/// Durations as numbers.
@Suite struct DurationTests {
  static let nanoseconds: [(Duration, Int64)] = [
    (.zero, 0), (.nanoseconds(1), 1), (.nanoseconds(-1), -1), (.milliseconds(-1500), -1_500_000_000),
    (.seconds(86_400), 86_400_000_000_000), (.nanoseconds(Int64.max), .max), (.nanoseconds(Int64.min), .min),
    (.nanoseconds(Int64.max) + .nanoseconds(1), .max), (.nanoseconds(Int64.min) - .nanoseconds(1), .min),
    (.seconds(Int64.max), .max), (.seconds(Int64.min), .min),
    (Duration(secondsComponent: 0, attosecondsComponent: 999_999_999), 0),
  ]

  @Test(arguments: nanoseconds) func `nanoseconds are exact, and clamped beyond 292 years`(
    duration: Duration,
    expected: Int64
  ) {
    #expect(duration.nanoseconds == expected)
  }

  @Test func `seconds are rounded to nanoseconds, and none where there is no such duration`() {
    #expect(Duration(inSeconds: 1.5) == .milliseconds(1500))
    #expect(Duration(inSeconds: 0.1) == .milliseconds(100))
    #expect(Duration(inSeconds: -0.25) == .milliseconds(-250))
    #expect(Duration(inSeconds: 1.4e-9) == .nanoseconds(1))
    for seconds in [Double.nan, .infinity, -.infinity, 1e10, -1e10, .greatestFiniteMagnitude] {
      #expect(Duration(inSeconds: seconds) == nil)
    }
    #expect(Duration.milliseconds(1500).inSeconds == 1.5)
    #expect(Duration.milliseconds(-1500).inSeconds == -1.5)
  }
}

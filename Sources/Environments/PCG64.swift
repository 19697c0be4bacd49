/// The generator behind NumPy's `default_rng`: PCG XSL-RR 128/64, seeded through a `SeedSequence`.
///
/// Seeded alike, it yields NumPy's numbers bit for bit.
///
/// Sources: M. E. O'Neill, "PCG: A Family of Simple Fast Space-Efficient Statistically Good Algorithms for Random
/// Number Generation", HMC-CS-2014-0905, <https://www.pcg-random.org/paper.html>;
/// NumPy, <https://numpy.org/doc/stable/reference/random/bit_generators/pcg64.html>.
public struct PCG64: Sendable {
  private static let multiplier: UInt128 = 0x2360_ed05_1fc6_5da4_4385_df64_9fcc_f645

  private var state: UInt128
  private let increment: UInt128

  /// The generator that `numpy.random.default_rng(seed)` starts as.
  public init(seed: UInt64) {
    let words = SeedSequence(entropy: seed).state(4)
    increment = (UInt128(words[2]) << 64 | UInt128(words[3])) << 1 | 1
    state = 0
    advance()
    state &+= UInt128(words[0]) << 64 | UInt128(words[1])
    advance()
  }

  /// The next 64 random bits.
  public mutating func next64() -> UInt64 {
    advance()
    let folded = UInt64(truncatingIfNeeded: state >> 64) ^ UInt64(truncatingIfNeeded: state)
    let rotation = UInt64(truncatingIfNeeded: state >> 122)
    return folded &>> rotation | folded &<< (0 &- rotation)
  }

  /// A number from 0 up to but not including 1, a multiple of 2⁻⁵³: equal to NumPy's `Generator.random()`.
  public mutating func nextDouble() -> Double {
    Double(next64() >> 11) * 0x1p-53
  }

  /// A number from `low` up to `high`: equal to NumPy's `Generator.uniform(low, high)`.
  public mutating func uniform(_ low: Double, _ high: Double) -> Double {
    low + (high - low) * nextDouble()
  }

  private mutating func advance() {
    state = state &* Self.multiplier &+ increment
  }
}

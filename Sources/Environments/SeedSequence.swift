/// Turns one integer of any quality into well-mixed words that seed a generator, as NumPy's `SeedSequence` does.
///
/// The algorithm is O'Neill's `seed_seq_fe128` with a pool of four 32-bit words, in the variant that NumPy fixed for
/// reproducibility.
///
/// Sources: M. E. O'Neill, "Developing a seed_seq Alternative", 2015,
/// <https://www.pcg-random.org/posts/developing-a-seed_seq-alternative.html>;
/// NumPy, <https://numpy.org/doc/stable/reference/random/bit_generators/generated/numpy.random.SeedSequence.html>.
public struct SeedSequence: Sendable {
  private static let poolSize = 4

  private var pool = (UInt32(0), UInt32(0), UInt32(0), UInt32(0))

  /// The sequence of `entropy`: equal to `numpy.random.SeedSequence(entropy)`.
  public init(entropy: UInt64) {
    var constant: UInt32 = 0x43b0_d7e5
    func hash(_ word: UInt32) -> UInt32 { Self.scramble(word, constant: &constant, multiplier: 0x931e_8875) }

    // NumPy drops a high word of zero; the pool then takes a zero in its place, which comes to the same.
    self[0] = hash(UInt32(truncatingIfNeeded: entropy))
    self[1] = hash(UInt32(truncatingIfNeeded: entropy >> 32))
    self[2] = hash(0)
    self[3] = hash(0)
    for source in 0..<Self.poolSize {
      for target in 0..<Self.poolSize where target != source {
        self[target] = Self.mix(self[target], hash(self[source]))
      }
    }
  }

  /// The first `count` 64-bit words: equal to `generate_state(count, numpy.uint64)`.
  public func state(_ count: Int) -> [UInt64] {
    var constant: UInt32 = 0x8b51_f9dd
    var next = 0
    func word() -> UInt64 {
      defer { next = (next + 1) % Self.poolSize }
      return UInt64(Self.scramble(self[next], constant: &constant, multiplier: 0x58f3_8ded))
    }
    return (0..<count).map { _ in
      let low = word()
      return low | word() << 32
    }
  }

  private static func scramble(_ word: UInt32, constant: inout UInt32, multiplier: UInt32) -> UInt32 {
    var mixed = word ^ constant
    constant &*= multiplier
    mixed &*= constant
    return mixed ^ mixed >> 16
  }

  private static func mix(_ left: UInt32, _ right: UInt32) -> UInt32 {
    let mixed = 0xca01_f9dd &* left &- 0x4973_f715 &* right
    return mixed ^ mixed >> 16
  }

  private subscript(index: Int) -> UInt32 {
    get {
      switch index {
      case 0: pool.0
      case 1: pool.1
      case 2: pool.2
      default: pool.3
      }
    }
    set {
      switch index {
      case 0: pool.0 = newValue
      case 1: pool.1 = newValue
      case 2: pool.2 = newValue
      default: pool.3 = newValue
      }
    }
  }
}

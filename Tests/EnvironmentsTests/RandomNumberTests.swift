import Environments
import Foundation
import Glibc
import TestSupport
import Testing

/// NumPy's generator in Swift, held against the installed NumPy.
@Suite struct RandomNumberTests {
  /// Where seeds change their shape: no word, one word, two words, all bits.
  static let seeds: [UInt64] =
    [0, 1, 2, 42, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0x1_0000_0000, 0x1_0000_0001, .max - 1, .max]
    + (0..<100).map { (index: UInt64) in (index &+ 1) &* 0x9E37_79B9_7F4A_7C15 }
    + (0..<64).map { 1 << $0 }

  private static let preamble = """
    import sys, struct
    import numpy as np
    assert np.__version__.startswith("2."), np.__version__
    seeds = [int(seed) for seed in sys.argv[1].split(",")]
    out = sys.stdout.buffer

    """

  private func numPy(_ script: String) async throws -> [UInt64] {
    let seeds = Self.seeds.map(String.init).joined(separator: ",")
    let data = try await TestPython.run(Self.preamble + script, arguments: [seeds])
    return data.withUnsafeBytes { bytes in
      (0..<bytes.count / 8).map { bytes.loadUnaligned(fromByteOffset: 8 * $0, as: UInt64.self) }
    }
  }

  @Test func `a seed sequence has NumPy's words`() async throws {
    let expected = try await numPy(
      """
      for seed in seeds:
        out.write(np.random.SeedSequence(seed).generate_state(11, np.uint64).tobytes())
      """
    )
    #expect(Self.seeds.flatMap { SeedSequence(entropy: $0).state(11) } == expected)
  }

  @Test func `raw bits are NumPy's`() async throws {
    let expected = try await numPy(
      """
      for seed in seeds:
        out.write(np.random.default_rng(seed).bit_generator.random_raw(200).astype(np.uint64).tobytes())
      """
    )
    let actual = Self.seeds.flatMap { seed in
      var generator = PCG64(seed: seed)
      return (0..<200).map { _ in generator.next64() }
    }
    #expect(actual == expected)
  }

  @Test func `doubles and uniform numbers are NumPy's`() async throws {
    let expected = try await numPy(
      """
      for seed in seeds:
        generator = np.random.default_rng(seed)
        for _ in range(50):
          out.write(struct.pack("<ddd", generator.random(), generator.uniform(-np.pi / 4, np.pi / 4),
            generator.uniform(-0.01, 0.01)))
      """
    )
    let actual = Self.seeds.flatMap { seed in
      var generator = PCG64(seed: seed)
      return (0..<50).flatMap { _ in
        [
          generator.nextDouble(), generator.uniform(-Double.pi / 4, Double.pi / 4), generator.uniform(-0.01, 0.01),
        ].map(\.bitPattern)
      }
    }
    #expect(actual == expected)
  }

  @Test func `sine and cosine agree with NumPy's over the angles of serves`() async throws {
    let expected = try await numPy(
      """
      for seed in seeds:
        generator = np.random.default_rng(seed)
        for _ in range(500):
          angle = generator.uniform(-np.pi / 4, np.pi / 4)
          out.write(struct.pack("<dd", np.cos(angle), np.sin(angle)))
      """
    )
    let actual = Self.seeds.flatMap { seed in
      var generator = PCG64(seed: seed)
      return (0..<500).flatMap { _ in
        let angle = generator.uniform(-Double.pi / 4, Double.pi / 4)
        return [cos(angle), sin(angle)].map(\.bitPattern)
      }
    }
    #expect(actual == expected)
  }
}

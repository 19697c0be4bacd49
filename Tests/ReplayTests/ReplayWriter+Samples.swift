import Replay
import TestSupport

extension ReplayWriter {
  /// A moment that all samples share, in nanoseconds since the Unix epoch.
  static let sampleTime: UInt64 = 1_763_844_159_000_000_000

  /// Records a frame of two seats that see the same `size` bytes, different in every step and hard to compress where `noisy`.
  func addSampleFrame(step: Int, size: Int = 32, isNoisy: Bool = false, interval: UInt64 = 30_000) {
    var state = UInt64(step) &* 0x9E37_79B9_7F4A_7C15
    var observation = [UInt8](repeating: UInt8(truncatingIfNeeded: step), count: size)
    if isNoisy {
      for index in observation.indices {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        observation[index] = UInt8(truncatingIfNeeded: state >> 56)
      }
    }
    let action: [UInt8] = [UInt8(step % 3), 0, 0, 0, 0, 0, 0, 0]
    beginFrame(
      step: step,
      game: 0,
      timeNanoseconds: Self.sampleTime + UInt64(step) * interval,
      terminated: false,
      truncated: false
    )
    for seat in 0..<2 {
      addSeat(
        observation,
        action,
        reward: seat == 0 ? 0.5 : -0.5,
        thinkTimeNanoseconds: UInt64(10_000 + step % 50 * 1000)
      )
    }
    endFrame()
  }
}

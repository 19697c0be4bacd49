internal import AgentProtocol
internal import ArenaCore
internal import ArenaSystem
internal import CAllocationCount
internal import Environments
internal import Glibc
internal import MatchEngine
internal import Replay

/// A game of pong that is played within this process and recorded call for call as the match loop does it, with the clock read around the
/// recording's part of every step.
///
/// The agents are the examples' logic, one of them with some noise; their think times are drawn around those of Python agents.
struct ReplayDrive {
  /// What one game came to.
  struct Outcome {
    /// Time of the match's thread from `beginFrame` to `endFrame`, one reading of the clock included.
    var writeNanosecondsPerFrame: Double
    /// Heap allocations of the match's thread in the same part.
    var allocationsPerFrame: Double
    /// Frames per second of the recording thread's own processor time: compressing, checksums, writing, and the file's index.
    var compressedFramesPerSecond: Double
  }

  /// Frames to record.
  var frames: Int
  /// Decides serves, noise and think times.
  var seed: UInt64

  private static let start: UInt64 = 1_763_844_159_000_000_000

  /// Plays the game and records it to `path`.
  func play(to path: String) throws -> Outcome {
    let pong = try Pong(configuration: ["max_steps": .integer(Int64(frames)), "winning_score": .integer(1_000_000)])
    let spec = try MatchSpec(
      matchID: "benchmark",
      environment: Pong.name,
      agents: [AgentSpec(agentID: "first"), AgentSpec(agentID: "second")],
      seed: seed
    )
    var players = [
      PongPlayer(seat: 0, seed: seed &* 2, noise: 0), PongPlayer(seat: 1, seed: seed &* 2 &+ 1, noise: 0.05),
    ]
    pong.reset(seed: seed)

    let processTime = Self.now(CLOCK_PROCESS_CPUTIME_ID)
    let threadTime = Self.now(CLOCK_THREAD_CPUTIME_ID)
    let writer = ReplayWriter(path: path, metadata: Provenance.metadata(of: spec, game: pong.spec))
    var observations = [0, 1].map { Self.observation(of: pong, seat: $0) }
    writer.addGameStart(
      game: 0,
      environmentSeed: seed,
      agents: [0, 1],
      observations: observations,
      timeNanoseconds: Self.start
    )
    var actions = [UInt8](repeating: 0, count: 2 * pong.spec.action.size)
    var rewards = [0.0, 0.0]
    var time = Self.start
    var spent: Int64 = 0
    var allocations: UInt64 = 0
    for step in 1...frames {
      for seat in players.indices {
        let action = players[seat].action(observations[seat])
        actions.withUnsafeMutableBytes {
          $0.storeBytes(of: action.littleEndian, toByteOffset: 8 * seat, as: Int64.self)
        }
        rewards[seat] = 0
      }
      let thought = players.map(\.thought)
      // The step ends with the later answer; the match's own part of it takes some microseconds.
      time += UInt64((thought.max() ?? 0) + 4000 + step % 7 * 130)
      var rewardSpan = rewards.mutableSpan
      let outcome = try pong.step(actions.span.bytes, rewards: &rewardSpan)
      for seat in players.indices {
        observations[seat].withUnsafeMutableBytes { bytes in
          var span = bytes.mutableBytes
          pong.writeObservation(for: seat, into: &span)
        }
      }
      if writer.isFull { writer.waitForRoom() }
      observations[0].withUnsafeBytes { first in
        observations[1].withUnsafeBytes { second in
          actions.withUnsafeBytes { actions in
            let allocated = c_allocation_count_of_this_thread()
            let begun = MonotonicClock.now()
            writer.beginFrame(
              step: step,
              game: 0,
              timeNanoseconds: time,
              terminated: outcome.terminated,
              truncated: outcome.truncated
            )
            for seat in 0..<2 {
              writer.addSeat(
                RecordedSeat(
                  observation: seat == 0 ? first : second,
                  action: UnsafeRawBufferPointer(rebasing: actions[8 * seat..<8 * seat + 8]),
                  reward: rewards[seat],
                  thinkTimeNanoseconds: UInt64(thought[seat])
                )
              )
            }
            writer.endFrame()
            writer.closeChunkIfDue(now: UInt64(begun))
            spent += MonotonicClock.now() - begun
            allocations += c_allocation_count_of_this_thread() - allocated
          }
        }
      }
    }
    writer.addGameEnd(
      game: 0,
      outcomes: [.draw, .draw],
      scores: [0, 0],
      steps: frames,
      reason: "truncated",
      timeNanoseconds: time
    )
    let report = writer.close()
    guard report.frames == UInt64(frames), report.endedEarly == nil else {
      throw BenchmarkError("the recording did not go as it should: \(report)")
    }
    // All else in this process is asleep.
    let own = Self.now(CLOCK_THREAD_CPUTIME_ID) - threadTime
    let compressing = Self.now(CLOCK_PROCESS_CPUTIME_ID) - processTime - own
    return Outcome(
      writeNanosecondsPerFrame: Double(spent) / Double(frames),
      allocationsPerFrame: Double(allocations) / Double(frames),
      compressedFramesPerSecond: Double(frames) / (Double(compressing) / 1e9)
    )
  }

  private static func observation(of pong: Pong, seat: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: pong.spec.observation.size)
    var mutable = bytes.mutableSpan
    var span = mutable.mutableBytes
    pong.writeObservation(for: seat, into: &span)
    return bytes
  }

  /// Nanoseconds of a clock.
  private static func now(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}

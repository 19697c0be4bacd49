internal import AgentSandbox

/// Replays of pong: what writing them costs, how large they are beside JSON, how quickly they are read.
///
/// Three matches are recorded in a round, one after the other: of the Python example agents, of the native agents, and one that is
/// played within this process, in which the recording's share of a step can be timed. Later rounds have only the last.
struct ReplayBenchmark {
  /// Frames of a replay as the bars have it.
  static let frames = 20_000

  /// Rounds of all of it.
  var rounds: Int
  /// Frames per replay.
  var frames = ReplayBenchmark.frames
  /// The Python to use; nil for the one that is found.
  var python: String?

  /// Rounds in which real agents play: sizes differ little from match to match.
  private static let matches = 3
  private static let examples = ["examples/agents/tracker", "examples/agents/predictor"]

  func run(into report: inout BenchmarkReport) async throws {
    let interpreter = try await findInterpreter(&report)
    let sandbox = interpreter == nil ? nil : try await AgentSandbox(.auto)
    let folder = try ScratchFolder()
    let replay = folder.file("benchmark.mcap")
    var examples: [ReplaySizes] = []
    var natives: [ReplaySizes] = []
    var driven: [ReplaySizes] = []
    var drives: [ReplayDrive.Outcome] = []
    var readings: [ReplayReading] = []
    for round in 0..<rounds {
      let seed = UInt64(7 + round)
      if round < Self.matches, let interpreter, let sandbox {
        let match = PythonMatch(
          steps: frames,
          agents: Self.examples,
          interpreter: interpreter,
          sandbox: sandbox,
          seed: seed
        )
        _ = try await match.play(in: folder)
        examples.append(try ReplaySizes(of: replay, in: folder))
      }
      if round < Self.matches {
        _ = try await NativeMatch(steps: frames, seed: seed).play(in: folder)
        natives.append(try ReplaySizes(of: replay, in: folder))
      }
      drives.append(try ReplayDrive(frames: frames, seed: seed).play(to: replay))
      driven.append(try ReplaySizes(of: replay, in: folder))
      readings.append(try ReplayReading(of: replay))
    }
    // Without Python, real agents' frames are the native ones'.
    add(examples.isEmpty ? natives : examples, to: &report)
    report.add("replay.native.bytes_per_frame", median(natives.map(\.replay)), "B")
    report.add("replay.driven.bytes_per_frame", median(driven.map(\.replay)), "B")
    report.add("replay.write_ns_per_frame", median(drives.map(\.writeNanosecondsPerFrame)), "ns")
    report.add("replay.write_allocations_per_frame", drives.map(\.allocationsPerFrame).max() ?? 0, "1")
    report.add("replay.compress_frames_per_s", median(drives.map(\.compressedFramesPerSecond)), "1/s")
    report.add("replay.read_frames_per_s", median(readings.map(\.framesPerSecond)), "1/s")
    report.add("replay.random_access_us", median(readings.map(\.randomAccessMicroseconds)), "us")
  }

  /// Adds the sizes of real matches' replays, and of the same frames as JSON.
  private func add(_ sizes: [ReplaySizes], to report: inout BenchmarkReport) {
    let replay = median(sizes.map(\.replay))
    report.add("replay.bytes_per_frame", replay, "B")
    let framesPerChunk = median(sizes.map(\.framesPerChunk))
    report.add("replay.frames_per_chunk", framesPerChunk, "1")
    if framesPerChunk < 300 {
      report.note(
        "replay.bytes_per_frame: this machine was busy, so steps took long and chunks closed half full, after 250 ms."
      )
    }
    for (name, size) in [("json", \ReplaySizes.json), ("json_zstd", \.jsonZstd), ("json_gzip", \.jsonGzip)] {
      let other = median(sizes.map { $0[keyPath: size] })
      report.add("replay.\(name).bytes_per_frame", other, "B")
      report.addRatio("replay.bytes_vs_\(name)", replay / other)
    }
  }

  private func findInterpreter(_ report: inout BenchmarkReport) async throws -> PythonInterpreter? {
    do {
      let interpreter = try await PythonMatch.interpreter(python, files: Self.examples)
      report.note("replay.bytes_per_frame: tracker against predictor, Python \(interpreter.version)")
      return interpreter
    } catch {
      guard python == nil else { throw error }
      report.note("replay.bytes_per_frame: the native agents, because the examples cannot be played: \(error)")
      return nil
    }
  }
}

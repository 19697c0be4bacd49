import ArenaCore
import Foundation
import Glibc
import TestSupport
import Testing

/// A replay that cannot be written, or not quickly, while a match is played: the match goes on, and its result says what became of the recording.
@Suite struct RecordingTroubleTests {
  /// A match of so many steps whose replay is written in small chunks.
  private static func configuration(steps: Int, stepTimeout: Double = 20) -> [String: JSONValue] {
    [
      "environment_config": .object(["max_steps": .integer(Int64(steps)), "winning_score": .integer(1_000_000)]),
      "replay": .object(["chunk_kib": .integer(1), "queue_depth": .integer(2)]),
      "step_timeout_sec": .number(stepTimeout),
    ]
  }

  private static let agents = [Agent.good, .builtIn("random")]

  private static func play(
    steps: Int,
    wrapper: (URL) -> [String] = { _ in [] },
    prepare: (URL) throws -> Void = { _ in }
  ) async throws -> MatchOutcome {
    try await MatchSlots.shared.run {
      try await ArenaMatch(agents, configuration(steps: steps), wrapper: wrapper, prepare: prepare).finish()
    }
  }

  /// Checks that the match was played as if nothing had happened, and that the result names the first frame lost and the reason.
  private func expectPlayed(_ outcome: MatchOutcome, steps: Int, because reason: String) throws -> RecordingResult {
    let result = try outcome.result
    #expect(outcome.ending == .status(0))
    #expect(result.status == .success)
    #expect(result.totalSteps == steps)
    #expect(result.agentResults.allSatisfy { $0.faults.isEmpty && !$0.forfeited })
    let recording = try #require(result.recording)
    #expect(recording.frames < steps)
    #expect(recording.endedBecause == "the recording ended at frame \(recording.frames + 1): \(reason).")
    #expect(outcome.log.contains { $0["level"] == .string("warning") })
    return recording
  }

  /// Whether a program that these tests need does its work here.
  private static func succeeds(_ command: [String]) -> Bool {
    let process = Process()
    process.executableURL = URL(filePath: command[0])
    process.arguments = Array(command.dropFirst())
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }

  // MARK: - Files that cannot be written

  private static let unshare = ["/usr/bin/unshare", "--map-root-user", "--mount"]

  @Test(.enabled(if: succeeds(unshare + ["/bin/true"]), "no namespace can be made here"))
  func `a disk that fills up ends the recording, not the match`() async throws {
    // A disk of 24 KiB, which is gone with the orchestrator: what is on it is copied to this one before.
    let script = """
      mount -t tmpfs -o size=24k none "$1/replay/replays" && shift && "$@"
      status=$?
      cp "$0/replay/replays/match.mcap" "$0/left.mcap" && exit $status
      """
    let outcome = try await Self.play(
      steps: 3000,
      wrapper: { Self.unshare + ["/bin/sh", "-c", script, $0.path, $0.path] }
    )
    let file = outcome.replayFolder.appending(path: "match.mcap").path
    let recording = try expectPlayed(
      outcome,
      steps: 3000,
      because: "writing to \(file) failed: No space left on device"
    )
    let left = try await ReplayContents.read(outcome.match.folder.appending(path: "left.mcap"))
    #expect(left.frames.count == recording.frames && recording.frames > 100)
    #expect(left.frames.map(\.step) == Array(1...recording.frames))
  }

  @Test func `a limit on the size of files ends the recording, not the match`() async throws {
    let outcome = try await Self.play(steps: 3000, wrapper: { _ in ["/usr/bin/prlimit", "--fsize=20000"] })
    let file = outcome.replayFolder.appending(path: "match.mcap").path
    let recording = try expectPlayed(outcome, steps: 3000, because: "writing to \(file) failed: File too large")
    #expect(recording.bytes <= 20_000)
    let left = try await outcome.replay()
    #expect(left.frames.count == recording.frames && recording.frames > 100)
  }

  /// A user who may not write to the replay's folder; root, as whom tests may run, may write to all.
  private static let nobody =
    geteuid() == 0 ? ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : []

  @Test(.enabled(if: succeeds(nobody + [ArenaMatch.orchestratorPath, "--help"]), "another user cannot run it"))
  func `a folder without permission ends the recording, not the match`() async throws {
    let outcome = try await Self.play(
      steps: 50,
      wrapper: { _ in Self.nobody },
      prepare: { folder in
        for name in ["", "0", "1"] { #expect(chmod(folder.appending(path: name).path, 0o777) == 0) }
        #expect(chmod(folder.appending(path: "replay/replays").path, 0o555) == 0)
      }
    )
    let file = outcome.replayFolder.appending(path: "match.mcap").path
    let recording = try expectPlayed(
      outcome,
      steps: 50,
      because: "\(file) cannot be opened for writing: Permission denied"
    )
    #expect(recording.frames == 0 && recording.sha256 == nil)
  }

  @Test func `a folder that is removed in mid-match ends the recording, not the match`() async throws {
    try await MatchSlots.shared.run {
      let folder = FileManager.default.temporaryDirectory.appending(path: "arena-marks-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(at: folder) }
      let (halfway, mayGoOn) = (folder.appending(path: "halfway"), folder.appending(path: "may-go-on"))
      // Plays 100 steps, says so, and waits until it may go on.
      let agent = """
        import os, time
        steps = 0
        def get_action(observation):
            global steps
            steps += 1
            if steps == 100:
                open("\(halfway.path)", "w").close()
                while not os.path.exists("\(mayGoOn.path)"):
                    time.sleep(0.005)
            return 1
        """
      let match = try ArenaMatch(
        [.python(agent), .builtIn("noop")],
        Self.configuration(steps: 300, stepTimeout: 60)
      )
      let file = match.folder.appending(path: "replay/replays/match.mcap")
      #expect(await match.eventually { access(halfway.path, F_OK) == 0 && access(file.path, F_OK) == 0 })
      try FileManager.default.removeItem(at: match.folder.appending(path: "replay"))
      #expect(FileManager.default.createFile(atPath: mayGoOn.path, contents: nil))
      let outcome = try await match.finish()
      let recording = try expectPlayed(outcome, steps: 300, because: "\(file.path) was removed while it was recorded")
      #expect(recording.frames == 0 && recording.bytes == 0 && recording.sha256 == nil)
    }
  }

  // MARK: - A disk that is slow

  /// The replay's file is a pipe that nobody empties until the match has come to a halt: as slow as a disk can be.
  @Test func `a disk that does not keep up holds the match up between steps, on nobody's clock`() async throws {
    try await MatchSlots.shared.run {
      let stepTimeout = 0.5
      let match = try ArenaMatch(
        Self.agents,
        Self.configuration(steps: 3000, stepTimeout: stepTimeout),
        prepare: { #expect(mkfifo($0.appending(path: "replay/replays/match.mcap").path, 0o600) == 0) }
      )
      // The other end opens at once, because this one writes too; nothing is written to it.
      let pipe = open(match.folder.appending(path: "replay/replays/match.mcap").path, O_RDWR | O_CLOEXEC | O_NONBLOCK)
      defer { close(pipe) }
      // What precedes the first step has room in it.
      #expect(fcntl(pipe, 1031, 16_384) >= 0, "F_SETPIPE_SZ")
      let thread = await Self.thread("match", of: match)
      // Many times in a row, and nothing done in between: locks are also held for moments.
      var (lastTime, rests) = ("", 0)
      let halted = await match.eventually {
        let time = Self.processorTime(match.orchestrator.id, thread)
        let isAtRest = Self.waitsForLock(match.orchestrator.id, thread) && time == lastTime
        (lastTime, rests) = (time, isAtRest ? rests + 1 : 0)
        return rests >= 30 && Self.waiting(in: pipe) > 8192
      }
      #expect(halted, "the match did not wait for its recording")
      let start = ContinuousClock.now
      let memory = Self.kibibytes("VmRSS", of: match.orchestrator.id)
      let processorTime = Self.processorTime(match.orchestrator.id, thread)
      // Longer than the agents have for a step: that time passes is what is tested.
      #expect(await match.eventually { ContinuousClock.now - start > .seconds(3 * stepTimeout) })
      #expect(Self.waitsForLock(match.orchestrator.id, thread))
      #expect(Self.processorTime(match.orchestrator.id, thread) == processorTime, "no step was played meanwhile")
      #expect(Self.kibibytes("VmRSS", of: match.orchestrator.id) <= memory + 1024)
      let wait = (ContinuousClock.now - start) / .seconds(1)

      let drained = Task.detached { Self.drain(pipe, until: match.orchestrator) }
      let outcome = try await match.finish()
      let result = try outcome.result
      #expect(result.status == .success && result.totalSteps == 3000)
      #expect(result.agentResults.allSatisfy { $0.faults.isEmpty })
      let recording = try #require(result.recording)
      #expect(recording.frames == 3000 && recording.endedBecause == nil)
      #expect(recording.waitedSeconds >= wait)
      let copy = match.folder.appending(path: "copy.mcap")
      try await drained.value.write(to: copy)
      let check = try await ReplayCheck.check(copy.path)
      #expect(check.problems == [] && check.frames == 3000)
    }
  }

  /// Bytes that nobody has taken out of the pipe yet.
  private static func waiting(in pipe: Int32) -> Int32 {
    var count: Int32 = 0
    return ioctl(pipe, UInt(FIONREAD), &count) == 0 ? count : 0
  }

  /// All that is written to the pipe until the process has ended.
  private static func drain(_ pipe: Int32, until process: ChildProcess) -> Data {
    var data = Data()
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      // Before the pipe is looked at: what was written before the end is there then.
      let hasEnded = process.survivors.isEmpty
      let count = read(pipe, &buffer, buffer.count)
      if count > 0 {
        data += buffer[..<count]
      } else if hasEnded {
        return data
      } else {
        var entry = pollfd(fd: pipe, events: Int16(POLLIN), revents: 0)
        poll(&entry, 1, 10)
      }
    }
  }

  /// The id of the orchestrator's thread with this name, once there is one.
  private static func thread(_ name: String, of match: ArenaMatch) async -> String {
    let tasks = "/proc/\(match.orchestrator.id)/task"
    var found = ""
    _ = await match.eventually {
      let threads = (try? FileManager.default.contentsOfDirectory(atPath: tasks)) ?? []
      found = threads.first { text("\(tasks)/\($0)/comm") == "\(name)\n" } ?? ""
      return !found.isEmpty
    }
    return found
  }

  #if arch(x86_64)
  private static let futex = 202
  #else
  private static let futex = 98
  #endif

  /// Whether a thread sleeps in futex(2), as it does when it waits for another thread and not for an agent.
  private static func waitsForLock(_ process: pid_t, _ thread: String) -> Bool {
    text("/proc/\(process)/task/\(thread)/syscall").hasPrefix("\(futex) ")
  }

  /// The processor time of a thread, in nanoseconds.
  private static func processorTime(_ process: pid_t, _ thread: String) -> String {
    String(text("/proc/\(process)/task/\(thread)/schedstat").prefix { $0 != " " })
  }

  private static func kibibytes(_ name: String, of process: pid_t) -> Int {
    let line = text("/proc/\(process)/status").split(separator: "\n").first { $0.hasPrefix("\(name):") } ?? ""
    return line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0
  }

  private static func text(_ path: String) -> String {
    (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
  }
}

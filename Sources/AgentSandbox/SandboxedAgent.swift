public import ArenaCore
internal import ArenaSystem
import Dispatch
import Glibc
import Subprocess
import Synchronization

/// One agent's process, from its start to the moment nothing of it is left.
///
/// Every member may be used from any thread, and none of those that are not `async` waits for the agent, except
/// `waitUntilEnd(upTo:)`. A thread of its own drains what the agent prints and sees its end.
public final class SandboxedAgent: Sendable {
  /// The name it was started with.
  public let name: String
  /// The file with what it wrote to standard output.
  public let standardOutputLog: String
  /// The file with what it wrote to standard error.
  public let standardErrorLog: String

  struct State: Sendable {
    var report = ProcessReport()
    var tail = LogTail()
    /// Set from the start to the moment before the process is reaped, so that no signal can reach a stranger.
    var process: pid_t?
    var task: Task<Void, Never>?
  }

  let kind: SandboxKind
  let scratch: RuntimeFolder
  let group: ControlGroup?
  let logBytes: Int
  let state = Mutex(State())
  let end = DispatchGroup()

  init(
    kind: SandboxKind,
    name: String,
    logDirectory: String,
    logBytes: Int,
    scratch: RuntimeFolder,
    group: ControlGroup?
  ) throws(SandboxError) {
    self.kind = kind
    self.name = name
    self.logBytes = logBytes
    self.scratch = scratch
    self.group = group
    standardOutputLog = "\(logDirectory)/\(name).stdout.log"
    standardErrorLog = "\(logDirectory)/\(name).stderr.log"
  }

  /// What is known now.
  public func snapshot() -> ProcessReport {
    state.withLock { state in
      var report = state.report
      report.logTail = state.tail.text
      return report
    }
  }

  /// Ends the agent and everything it started, at once. Does nothing if it has ended.
  public func kill() {
    state.withLock { state in
      guard let process = state.process else { return }
      state.report.wasStopped = true
      endAll(process)
    }
  }

  /// Asks the agent to end (`SIGTERM`), and ends it if it has not after `grace`.
  public func terminate(grace: Duration) {
    let isRunning = state.withLock { state in
      guard let process = state.process else { return false }
      state.report.wasStopped = true
      switch kind {
      case .bubblewrap:
        // bubblewrap itself would die of the signal and take the agent along: its child is the namespace's init,
        // and the agent is the child of that.
        let agents = Self.children(of: process).flatMap(Self.children)
        for agent in agents { Glibc.kill(agent, SIGTERM) }
        if agents.isEmpty { endAll(process) }
      case .none: Glibc.kill(-process, SIGTERM)
      }
      return true
    }
    guard isRunning else { return }
    let nanoseconds = grace.components.seconds * 1_000_000_000 + grace.components.attoseconds / 1_000_000_000
    DispatchQueue.global().asyncAfter(deadline: .now() + .nanoseconds(Int(nanoseconds))) { [weak self] in self?.kill() }
  }

  /// Waits until nothing of the agent is left, and returns the final report.
  public func waitUntilEnd() async -> ProcessReport {
    await state.withLock { $0.task }?.value
    return snapshot()
  }

  /// Blocks this thread until the agent has ended, at most for `patience`, and returns what is known then.
  public func waitUntilEnd(upTo patience: Duration) -> ProcessReport {
    let nanoseconds = patience.components.seconds * 1_000_000_000 + patience.components.attoseconds / 1_000_000_000
    _ = end.wait(timeout: .now() + .nanoseconds(Int(nanoseconds)))
    return snapshot()
  }

  /// Spawns `command` and returns when its process exists, or throws when there will be none.
  func launch(_ command: [String], workingDirectory: String) async throws {
    let standardOutput = try AgentOutputStream(logPath: standardOutputLog)
    let standardError = try AgentOutputStream(logPath: standardErrorLog)
    let gate = try GateSocket()
    // A session of its own: Ctrl-C in a terminal is for the arena to handle, and the process leads its group.
    var platformOptions = PlatformOptions()
    platformOptions.createSession = true
    let configuration = Configuration(
      executable: .path(.init(command[0])),
      arguments: Arguments(Array(command.dropFirst())),
      environment: .custom(["PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"]),
      workingDirectory: .init(workingDirectory),
      platformOptions: platformOptions
    )
    try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
      let started = Mutex<CheckedContinuation<Void, any Error>?>(continuation)
      end.enter()
      let task = Task.detached {
        func resume(_ result: Result<Void, any Error>) {
          started.withLock { waiting in
            waiting?.resume(with: result)
            waiting = nil
          }
        }
        do {
          // swift-subprocess spawns on one thread that lives as long as this process, so that the parent-death
          // signal, which really is a parent-thread-death signal, does not come early.
          _ = try await run(
            configuration,
            input: .fileDescriptor(.init(rawValue: gate.far), closeAfterSpawningProcess: false),
            output: .fileDescriptor(.init(rawValue: standardOutput.writer), closeAfterSpawningProcess: false),
            error: .fileDescriptor(.init(rawValue: standardError.writer), closeAfterSpawningProcess: false)
          ) { execution in
            standardOutput.closeWriter()
            standardError.closeWriter()
            gate.closeFar()
            let process = execution.processIdentifier.value
            self.state.withLock { $0.process = process }
            resume(.success(()))
            await withCheckedContinuation { finished in
              let watch: @Sendable () -> Void = {
                self.watch(process, standardOutput, standardError, gate)
                finished.resume()
              }
              // Without memory for a thread, this one has to do.
              do { try DedicatedThread.start("agent-watch", watch) } catch { watch() }
            }
          }
        } catch {
          let isNew = self.state.withLock { state in
            defer { state.report.hasEnded = true }
            if !state.report.hasEnded { state.report.launchFailure = "\(error)" }
            return !state.report.hasEnded
          }
          if isNew {
            self.scratch.remove()
            self.end.leave()
          }
          resume(.failure(SandboxError("cannot start the agent \(self.name): \(error)")))
        }
      }
      state.withLock { $0.task = task }
    }
  }
}

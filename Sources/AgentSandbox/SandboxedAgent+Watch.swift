import CLinux
import Glibc

extension SandboxedAgent {
  /// How long a process that outlived the agent may keep its streams open, and the kernel its control group.
  private static let patience: Duration = .seconds(2)

  /// Drains both streams until the agent has ended and nothing of it is left; then completes the report.
  func watch(
    _ process: pid_t,
    _ standardOutput: AgentOutputStream,
    _ standardError: AgentOutputStream,
    _ gate: GateSocket
  ) {
    var outputLog = BoundedLog(descriptor: standardOutput.log, limit: logBytes)
    var errorLog = BoundedLog(descriptor: standardError.log, limit: logBytes)
    let handle = rl_arena_pidfd_open(process)
    defer { if handle >= 0 { close(handle) } }
    // A negative descriptor is one that poll(2) ignores.
    var events = [
      pollfd(fd: standardOutput.reader, events: Int16(POLLIN), revents: 0),
      pollfd(fd: standardError.reader, events: Int16(POLLIN), revents: 0),
      pollfd(fd: handle, events: Int16(POLLIN), revents: 0),
      pollfd(fd: gate.near, events: Int16(POLLIN), revents: 0),
    ]
    var deadline: ContinuousClock.Instant?
    var wasStarted = false
    withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: 16) { buffer in
      while events[..<3].contains(where: { $0.fd >= 0 }) {
        var timeout: Int32 = -1
        if let deadline {
          let left = (deadline - ContinuousClock.now).components
          guard left.seconds >= 0, left.attoseconds >= 0 else { break }
          timeout = Int32(left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000 + 1)
        }
        guard poll(&events, 4, timeout) >= 0 || errno == EINTR else { break }
        if events[0].revents != 0, let bytes = Self.read(&events[0], into: buffer) { outputLog.append(bytes) }
        if events[1].revents != 0, let bytes = Self.read(&events[1], into: buffer) {
          errorLog.append(bytes)
          state.withLock { $0.tail.append(bytes) }
        }
        if events[3].revents != 0 {
          // Heard or closed, the gate has no more to say.
          events[3].fd = -1
          wasStarted = gate.open()
        }
        if events[2].revents != 0 {
          events[2].fd = -1
          deadline = .now + Self.patience
          // What it left behind would hold its streams open.
          state.withLock { _ in endAll(process) }
        }
      }
    }
    outputLog.finish()
    errorLog.finish()
    complete(process, wasStarted: wasStarted)
  }

  /// Reads what is there; at the end of the stream takes it out of `event`.
  private static func read(
    _ event: inout pollfd,
    into buffer: UnsafeMutableRawBufferPointer
  ) -> UnsafeRawBufferPointer? {
    let count = Glibc.read(event.fd, buffer.baseAddress, buffer.count)
    if count > 0 { return UnsafeRawBufferPointer(rebasing: buffer[..<count]) }
    if count == 0 || (errno != EAGAIN && errno != EINTR) { event.fd = -1 }
    return nil
  }

  /// Takes the exit status without reaping, clears everything away, and publishes the final report.
  private func complete(_ process: pid_t, wasStarted: Bool) {
    var information = siginfo_t()
    while waitid(P_PID, id_t(process), &information, WEXITED | WNOWAIT) != 0 && errno == EINTR {}
    let status = information._sifields._sigchld.si_status
    state.withLock { _ in endAll(process) }
    // Usage is read before the groups go, and after their last process is gone.
    let kills = group?.outOfMemoryKills ?? 0
    let peak = group?.peakMemoryBytes
    let time = group?.cpuTime
    _ = group?.remove(patience: Self.patience)
    scratch.remove()
    state.withLock { state in
      // From here on the process may be reaped, and its number be somebody else's.
      state.process = nil
      let tail = state.tail.text
      state.report.ranOutOfMemory = kills > 0
      state.report.peakMemoryBytes = peak
      state.report.cpuTime = time
      if information.si_code != CLD_EXITED {
        state.report.signal = status
      } else if kind == .bubblewrap, status > 128, status <= 128 + 64 {
        state.report.signal = status - 128
      } else {
        state.report.exitStatus = status
        if !wasStarted && !state.report.wasStopped {
          let reason = tail.split(separator: "\n").last.map(String.init)
          state.report.launchFailure = reason ?? "the sandbox ended with status \(status)"
        }
      }
      state.report.hasEnded = true
    }
    end.leave()
  }

  /// Kills the process and all it started, as far as they can be found. Called with the state locked, while `process`
  /// is not reaped.
  func endAll(_ process: pid_t) {
    // bubblewrap passes its own death on only once it is set up, so its child is killed before it.
    if kind == .bubblewrap { for child in Self.children(of: process) { Glibc.kill(child, SIGKILL) } }
    if Glibc.kill(-process, SIGKILL) != 0 { Glibc.kill(process, SIGKILL) }
    group?.kill()
  }

  /// The children of the single-threaded process `process` (proc(5)).
  static func children(of process: pid_t) -> [pid_t] {
    (Files.read("/proc/\(process)/task/\(process)/children") ?? "").split(separator: " ").compactMap { pid_t($0) }
  }
}

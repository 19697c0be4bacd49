import Dispatch
import Foundation
import Glibc
import Synchronization

/// A program that a test runs, in a process group of its own, with its output in files.
final class ChildProcess: Sendable {
  /// How a process ended.
  enum Ending: Equatable, Sendable {
    /// By itself, with this status.
    case status(Int32)
    /// By this signal.
    case signal(Int32)
  }

  /// A program that could not be started.
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  private struct State {
    var ending: Ending?
    var isOverdue = false
    var waiting: [CheckedContinuation<Ending, Never>] = []
  }

  /// Its process id, which is its group's too.
  let id: pid_t
  private let output: URL
  private let errors: URL
  private let state = Mutex(State())

  /// Starts the program at `path`; its standard output and error go to files in `folder` whose names begin with `name`.
  init(_ path: String, _ arguments: [String], environment: [String: String] = [:], folder: URL, name: String) throws {
    output = folder.appending(path: "\(name).out")
    errors = folder.appending(path: "\(name).err")
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output.path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0o644)
    posix_spawn_file_actions_addopen(&actions, 2, errors.path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0o644)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // The tests' threads block signals as they like; the program begins with none blocked and all as usual.
    var none = sigset_t()
    var all = sigset_t()
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes,
      Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF)
    )
    let inherited = ProcessInfo.processInfo.environment.filter {
      ["PATH", "HOME", "LANG", "LD_LIBRARY_PATH"].contains($0.key)
    }
    let variables = inherited.merging(environment) { $1 }.map { strdup("\($0.key)=\($0.value)") } + [nil]
    let words = ([path] + arguments).map { strdup($0) } + [nil]
    defer { for text in words + variables { free(text) } }
    var child: pid_t = 0
    let code = posix_spawn(&child, path, &actions, &attributes, words, variables)
    guard code == 0 else {
      throw Failure(description: "\(path) could not be started: \(String(cString: strerror(code)))")
    }
    id = child
    Thread.detachNewThread { [self] in reap() }
  }

  private func reap() {
    var status: Int32 = 0
    while waitpid(id, &status, 0) < 0, errno == EINTR {}
    let signal = status & 0x7F
    let ending = signal == 0 ? Ending.status((status >> 8) & 0xFF) : .signal(signal)
    let waiting = state.withLock { state in
      state.ending = ending
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in waiting { continuation.resume(returning: ending) }
  }

  /// Waits for its end; nil if it had to be killed because `seconds` passed.
  func end(within seconds: Double) async -> Ending? {
    let timer = DispatchWorkItem { [self] in
      state.withLock { state in
        guard state.ending == nil else { return }
        state.isOverdue = true
        kill(-id, SIGKILL)
      }
    }
    DispatchQueue.global().asyncAfter(deadline: .now() + seconds, execute: timer)
    defer { timer.cancel() }
    let ending = await withCheckedContinuation { continuation in
      let known = state.withLock { state -> Ending? in
        if state.ending == nil { state.waiting.append(continuation) }
        return state.ending
      }
      if let known { continuation.resume(returning: known) }
    }
    return state.withLock { $0.isOverdue } ? nil : ending
  }

  /// Sends it a signal, if it has not ended.
  func send(_ signal: Int32) {
    state.withLock { if $0.ending == nil { kill(id, signal) } }
  }

  /// Ends whatever is left of its group.
  func killGroup() {
    kill(-id, SIGKILL)
  }

  /// Processes of its group that run, itself included.
  var survivors: [pid_t] {
    guard kill(-id, 0) == 0 else { return [] }
    let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return processes.compactMap { pid_t($0) }.filter { process in
      // After the name, which may hold anything: state, parent, group.
      guard let stat = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
        let name = stat.range(of: ") ", options: .backwards)
      else { return false }
      let fields = stat[name.upperBound...].split(separator: " ")
      return fields.count > 2 && fields[2] == "\(id)" && fields[0] != "Z"
    }
  }

  /// Descriptors that it has open.
  var openDescriptors: Int { (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(id)/fd").count) ?? 0 }

  /// What it has written to standard output.
  var standardOutput: String { Self.text(of: output) }

  /// What it has written to standard error.
  var standardError: String { Self.text(of: errors) }

  private static func text(of file: URL) -> String {
    (try? Data(contentsOf: file)).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }
}

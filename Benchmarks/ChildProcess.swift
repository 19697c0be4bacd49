internal import ArenaSystem
internal import Glibc

/// A process that this program started.
struct ChildProcess {
  private let process: pid_t
  private let output: Int32

  /// Starts `command`, whose first word is the path of a program.
  ///
  /// - Parameter keepsOutput: whether `finish` returns what it prints, instead of leaving that to the terminal.
  init(_ command: [String], keepsOutput: Bool = false) throws(BenchmarkError) {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    var pipe: [Int32] = [-1, -1]
    if keepsOutput {
      guard Glibc.pipe(&pipe) == 0 else { throw BenchmarkError("no pipe: errno \(errno)") }
      for end in pipe { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
      posix_spawn_file_actions_adddup2(&actions, pipe[1], 1)
    }
    var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    var process: pid_t = 0
    let status = posix_spawn(&process, command[0], &actions, nil, &arguments, environ)
    if keepsOutput { close(pipe[1]) }
    guard status == 0 else {
      if keepsOutput { close(pipe[0]) }
      throw BenchmarkError("\(command[0]) cannot be started: errno \(status)")
    }
    self.process = process
    output = pipe[0]
  }

  /// Starts this program with `arguments`.
  static func ofThisProgram(_ arguments: [String], keepsOutput: Bool = false) throws(BenchmarkError) -> ChildProcess {
    try ChildProcess(["/proc/self/exe"] + arguments, keepsOutput: keepsOutput)
  }

  /// Starts two native agents that play over `sockets`, each on a processor of its own where there are two, as local matches have it.
  static func nativeAgents(_ sockets: [String], silent: Int? = nil) throws(BenchmarkError) -> [ChildProcess] {
    let processors = ThreadProcessors.allowed
    var agents: [ChildProcess] = []
    for (index, socket) in sockets.enumerated() {
      var arguments = ["native-agent", socket]
      if index == silent { arguments.append("--silent") }
      if processors.count >= sockets.count { arguments += ["--processor", String(processors[index])] }
      agents.append(try ofThisProgram(arguments))
    }
    return agents
  }

  /// Ends the process, whatever it is doing.
  func kill() {
    _ = Glibc.kill(process, SIGKILL)
    if output >= 0 { close(output) }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
  }

  /// Waits until the process has ended, and returns what it printed.
  ///
  /// - Throws: `BenchmarkError` unless its exit status is 0.
  @discardableResult
  func finish() throws(BenchmarkError) -> String {
    var bytes: [UInt8] = []
    if output >= 0 {
      var buffer = [UInt8](repeating: 0, count: 65_536)
      while true {
        let count = read(output, &buffer, buffer.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { break }
        bytes += buffer[..<count]
      }
      close(output)
    }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    guard status == 0 else { throw BenchmarkError("a process of the benchmark ended with wait status \(status)") }
    return String(decoding: bytes, as: UTF8.self)
  }
}

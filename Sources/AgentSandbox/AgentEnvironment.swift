import ArenaCore

/// The environment variables an agent gets: these and no others (`PWD` is added by bubblewrap itself).
struct AgentEnvironment {
  /// Names and values, in the order they are set.
  let variables: [(name: String, value: String)]

  /// The environment for a Python program of ours.
  init() {
    variables = [("PATH", "/usr/local/bin:/usr/bin:/bin"), ("HOME", "/tmp"), ("LANG", "C.UTF-8")]
  }

  /// The environment for an agent whose socket is at `socketPath`, as the agent sees it.
  ///
  /// - Parameter processLimit: what the agent host sets as `RLIMIT_NPROC`; nil where something else holds the limit.
  init(socketPath: String, startupTimeout: Duration, threadCount: Int, processLimit: Int?) {
    var variables = [
      ("PATH", "/usr/local/bin:/usr/bin:/bin"),
      ("HOME", "/tmp"),
      ("LANG", "C.UTF-8"),
      ("RL_ARENA_SOCKET", socketPath),
      ("RL_ARENA_STARTUP_TIMEOUT", "\(startupTimeout.inSeconds)"),
      ("RL_ARENA_CPU_LIMIT", "\(threadCount)"),
      ("PYTHONUNBUFFERED", "1"),
      ("PYTHONDONTWRITEBYTECODE", "1"),
    ]
    if let processLimit { variables.append(("RL_ARENA_PROCESS_LIMIT", "\(processLimit)")) }
    for library in ["OMP", "OPENBLAS", "MKL", "NUMEXPR"] {
      variables.append(("\(library)_NUM_THREADS", "\(threadCount)"))
    }
    variables.append(("VECLIB_MAXIMUM_THREADS", "\(threadCount)"))
    self.variables = variables.map { (name: $0.0, value: $0.1) }
  }
}

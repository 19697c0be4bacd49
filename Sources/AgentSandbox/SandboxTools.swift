/// The programs of this machine that the sandbox uses.
struct SandboxTools: Sendable, Equatable {
  /// bubblewrap.
  var bubblewrap: String?
  /// `setpriv` of util-linux, which ties a process's life to its parent's.
  var setpriv: String?
  /// `prlimit` of util-linux, which sets resource limits and then becomes the command.
  var prlimit: String?
  /// `taskset` of util-linux, which chooses processors and then becomes the command.
  var taskset: String?
  /// `chrt` of util-linux, which chooses a scheduling policy and then becomes the command.
  var chrt: String?
  /// `env` of coreutils, which clears the environment and then becomes the command.
  var env: String?

  /// What is on `PATH`.
  static func find() -> SandboxTools {
    SandboxTools(
      bubblewrap: Files.executable("bwrap"),
      setpriv: Files.executable("setpriv"),
      prlimit: Files.executable("prlimit"),
      taskset: Files.executable("taskset"),
      chrt: Files.executable("chrt"),
      env: Files.executable("env")
    )
  }
}

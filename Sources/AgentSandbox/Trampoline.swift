import Glibc

/// The few lines of shell around the sandbox: what every agent's process is before it becomes bubblewrap, and what it
/// is last, inside, before it becomes the agent. Every value is an argument, none is part of a script.
enum Trampoline {
  /// Exit status where something in here failed.
  static let failure: Int32 = 125

  /// What the gate sends when everything around the agent stands.
  static let ready = "ready\n"
  /// The answer that opens the gate.
  static let go = "go\n"

  /// `$1`: the parent's process id. `$2`: a file for bubblewrap to read, or `/dev/null`. Then files to write 0 to,
  /// `--`, and the command.
  private static let entry = """
    [ "$PPID" = "$1" ] || exit \(failure)
    input=$2
    shift 2
    while [ "$1" != -- ]; do
      echo 0 > "$1" || exit \(failure)
      shift
    done
    shift
    exec "$@" 4< "$input"
    """

  /// Says that it is there, waits for the answer, and becomes the command.
  private static let gate = """
    unset OLDPWD SHLVL
    echo ready >&0 && read -r answer && [ "$answer" = go ] || exit \(failure)
    exec "$@" < /dev/null
    """

  /// The whole command: `setpriv` (so that the process ends with this one), the shell, and then `command`, which has
  /// joined the control groups whose files are `files`, and finds `inputFile` as descriptor 4.
  static func enter(
    _ tools: SandboxTools,
    joining files: [String],
    inputFile: String = "/dev/null",
    _ command: [String]
  ) -> [String] {
    var result: [String] = []
    // The parent-death signal is set before the shell compares the parent, so no death goes unseen (prctl(2)).
    if let setpriv = tools.setpriv { result += [setpriv, "--pdeathsig", "KILL", "--"] }
    result += ["/bin/sh", "-c", entry, "rl-arena-agent", "\(getpid())", inputFile]
    return result + files + ["--"] + command
  }

  /// `command` behind a gate that the arena opens over descriptor 0, a socket.
  ///
  /// While bubblewrap builds the sandbox, there is a moment when its own death would not reach what it has started:
  /// `--die-with-parent` is only in force once the sandbox stands. An agent must not run until then, and whoever
  /// finds nobody at the other end of the gate must not run at all. It is also how a sandbox that could not be built
  /// is told from an agent that ended.
  static func gate(_ command: [String]) -> [String] { ["/bin/sh", "-c", gate, "rl-arena-gate"] + command }
}

import Glibc

/// The few lines of shell that every agent's process starts with, before it becomes bubblewrap or the agent.
///
/// They do what must be done inside the new process and before anything of the agent's: check that the parent still
/// lives, join the control groups, open the files bubblewrap reads and writes. Every value is an argument.
enum Trampoline {
  /// Exit status where joining the control groups failed.
  static let failure: Int32 = 125

  /// `$1`: the parent's process id. `$2`: a file for word of the start. `$3`: a file to read, or `/dev/null`.
  /// Then files to write 0 to, `--`, and the command.
  private static let script = """
    [ "$PPID" = "$1" ] || exit \(failure)
    status=$2 input=$3
    shift 3
    while [ "$1" != -- ]; do
      echo 0 > "$1" || exit \(failure)
      shift
    done
    shift
    echo joined > "$status" || exit \(failure)
    exec "$@" 3>> "$status" 4< "$input"
    """

  /// The whole command: `setpriv` (so that the process ends with this one), the shell, and then `command`.
  static func command(
    _ tools: SandboxTools, joining files: [String], statusFile: String, inputFile: String = "/dev/null",
    _ command: [String]
  ) -> [String] {
    var result: [String] = []
    // The parent-death signal is set before the shell compares the parent, so no death goes unseen (prctl(2)).
    if let setpriv = tools.setpriv { result += [setpriv, "--pdeathsig", "KILL", "--"] }
    result += ["/bin/sh", "-c", script, "rl-arena-agent", "\(getpid())", statusFile, inputFile]
    return result + files + ["--"] + command
  }
}

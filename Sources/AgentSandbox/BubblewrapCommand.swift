import Glibc

/// What bubblewrap is asked to build for one agent: its options, and what of this machine shows where.
///
/// The order matters to bubblewrap, which mounts one thing after the other.
struct BubblewrapCommand {
  /// Where the agent's program is inside: a folder, or the folder that holds the one file.
  static let agentFolder = "/agent"
  /// Where the Python agent host is inside.
  static let hostFile = "/rl-arena/host/rl_arena_agent.py"
  /// Where the folder with the seat's socket is inside.
  static let socketFolder = "/rl-arena/socket"

  /// The options, without the program's name and without the agent's command.
  private(set) var options: [String] = []
  /// What is visible: the real folder or file outside, and its place inside.
  private var mounts: [(source: String, destination: String)] = []
  private var links: Set<String> = []

  /// Namespaces, identity, `/usr`, `/etc`, `/proc`, `/dev` and a private `/tmp`, the same for every agent.
  ///
  /// - Parameters:
  ///   - etc: A folder with the files `passwd`, `group`, `hosts` and `nsswitch.conf` to show.
  ///   - devices: A folder with device nodes to show instead of the machine's own.
  ///   - userNamespaces: Whether the agent may make user namespaces of its own; old versions cannot forbid it.
  init(tmpBytes: Int, etc: String?, devices: String?, userNamespaces: Bool) {
    options += ["--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"]
    options += ["--unshare-cgroup-try", "--hostname", "agent", "--uid", "1000", "--gid", "1000", "--cap-drop", "ALL"]
    if !userNamespaces { options.append("--disable-userns") }
    options += ["--new-session", "--die-with-parent", "--clearenv"]
    mount("/usr", at: "/usr")
    for name in ["bin", "sbin", "lib", "lib32", "lib64", "libx32"] {
      if let target = Files.linkTarget("/\(name)") {
        link(ResolvedPath.Link(path: "/\(name)", target: target))
      } else if Files.kind("/\(name)") == .directory {
        mount("/\(name)", at: "/\(name)")
      }
    }
    for name in ["ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "alternatives"]
    where Files.kind("/etc/\(name)") != nil {
      mount("/etc/\(name)", at: "/etc/\(name)")
    }
    if let etc {
      for name in Files.entries(etc) ?? [] { mount("\(etc)/\(name)", at: "/etc/\(name)") }
    }
    options += ["--proc", "/proc", "--dev", "/dev"]
    if let devices {
      for name in Files.entries(devices) ?? [] { options += ["--dev-bind", "\(devices)/\(name)", "/dev/\(name)"] }
    }
    options += ["--size", "\(tmpBytes)", "--perms", "1777", "--tmpfs", "/dev/shm"]
    options += ["--size", "\(tmpBytes)", "--perms", "1777", "--tmpfs", "/tmp"]
  }

  /// Shows `source`, read-only, as `destination`.
  mutating func mount(_ source: String, at destination: String) {
    let real = Files.realPath(source) ?? source
    options += ["--ro-bind", real, destination]
    mounts.append((real, destination))
  }

  private mutating func link(_ link: ResolvedPath.Link) {
    guard links.insert(link.path).inserted else { return }
    options += ["--symlink", link.target, link.path]
  }

  /// Whether the same path inside shows the same thing as outside.
  private func shows(_ path: String) -> Bool {
    links.contains(path) || mounts.contains { $0.source == $0.destination && Files.contains($0.source, path) }
  }

  /// Shows an interpreter with all its folders where it believes them to be, and the links that lead there.
  mutating func add(_ interpreter: PythonInterpreter) throws(SandboxError) {
    var trails: [ResolvedPath] = []
    for path in interpreter.prefixes + [interpreter.executable] {
      // A prefix that does not exist is nothing Python could load from.
      if let trail = ResolvedPath(path) { trails.append(trail) }
    }
    var folders = trails.dropLast().map(\.real)
    guard let executable = trails.last, Files.kind(executable.real) == .file else {
      throw SandboxError("the Python interpreter \(interpreter.executable) is gone")
    }
    // The loader and the libraries of Nix packages lie in folders beside the package.
    if executable.real.hasPrefix("/nix/store/") { folders.append("/nix/store") }
    for folder in folders.sorted(by: { $0.utf8.count < $1.utf8.count }) where !shows(folder) {
      guard !SharedPlaces.contains(folder) else {
        throw SandboxError("the interpreter's folder \(folder) is also where other people's files are")
      }
      mount(folder, at: folder)
    }
    if !shows(executable.real) { mount(executable.real, at: executable.real) }
    for link in trails.flatMap(\.links) where !shows(link.path) { self.link(link) }
  }

  /// Shows `program`, and returns the path of it inside: a folder or file for the host to load, or what to execute.
  mutating func add(_ program: AgentProgram, others: [AgentProgram]) throws(SandboxError) -> String {
    guard let real = Files.realPath(program.path) else { throw SandboxError("\(program.path) is gone") }
    let name = String(program.path.split(separator: "/").last ?? "agent")
    let inside = "\(Self.agentFolder)/\(name)"
    switch program {
    case .python where Files.kind(real) == .directory:
      mount(real, at: Self.agentFolder)
      return Self.agentFolder
    case .python:
      mount(real, at: inside)
    case .executable:
      let folder = String(real[..<(real.lastIndex(of: "/") ?? real.startIndex)])
      let realName = String(real.split(separator: "/").last ?? "agent")
      // Two programs side by side, or one in somebody's home: then its folder is not only its own.
      let neighbours = others.contains { other in
        Files.realPath(other.path).map { $0 != real && Files.contains(folder, $0) } ?? false
      }
      if neighbours || folder.isEmpty || SharedPlaces.contains(folder) {
        mount(real, at: inside)
      } else {
        mount(folder, at: Self.agentFolder)
        return "\(Self.agentFolder)/\(realName)"
      }
    }
    return inside
  }

  /// Covers the programs of the other seats wherever one of them lies in something visible.
  mutating func hide(_ others: [AgentProgram], from own: AgentProgram) {
    let ownReal = Files.realPath(own.path)
    for other in others {
      guard let real = Files.realPath(other.path), real != ownReal else { continue }
      for mount in mounts where mount.source != real && Files.contains(mount.source, real) {
        let place = mount.destination + real.dropFirst(mount.source.count)
        if Files.kind(real) == .directory {
          options += ["--size", "4096", "--tmpfs", place, "--remount-ro", place]
        } else {
          options += ["--ro-bind", "/dev/null", place]
        }
      }
    }
  }

  /// Closes the file system against writing and says what is set when the command starts.
  ///
  /// The empty root, `/dev` and `/proc` belong to the agent's user: they are written to unless they are read-only.
  mutating func finish(workingDirectory: String, environment: AgentEnvironment) {
    options += ["--remount-ro", "/proc", "--remount-ro", "/dev", "--remount-ro", "/"]
    options += ["--chdir", workingDirectory]
    for (name, value) in environment.variables { options += ["--setenv", name, value] }
  }
}

public import ArenaCore
import Glibc
import Subprocess

/// Starts agents as processes of this machine, each shut off from the others and held to its limits.
public struct AgentSandbox: Sendable {
  /// How agents are kept apart.
  public let kind: SandboxKind
  /// What each of them may use.
  public let limits: SandboxLimits
  /// Why bubblewrap is not used although it was not ruled out; a sentence without its full stop.
  public let fallbackReason: String?

  let tools: SandboxTools
  let controlGroups: ControlGroupSupport
  let userNamespaces: Bool
  private let privateDevices: Bool

  /// Finds out what this machine offers, and clears away what killed processes left behind.
  ///
  /// - Throws: `SandboxError` if bubblewrap was demanded and does not work, `FieldError` about a limit.
  public init(_ choice: SandboxChoice, limits: SandboxLimits = SandboxLimits()) async throws {
    try limits.validate()
    self.limits = limits
    tools = SandboxTools.find()
    switch choice == .none ? .unavailable(reason: "") : await SandboxAvailability.detect(tools) {
    case .available(let userNamespaces):
      kind = .bubblewrap
      self.userNamespaces = userNamespaces
      fallbackReason = nil
    case .unavailable(let reason):
      if choice == .bubblewrap { throw SandboxError("the sandbox cannot be used: \(reason)") }
      kind = .none
      userNamespaces = true
      fallbackReason = choice == .none ? nil : reason
    }
    let found = ControlGroupSupport.detect()
    ControlGroup.removeAbandoned(found)
    RuntimeFolder.removeAbandoned()
    controlGroups = await Self.works(found, limits, tools) ? found : .nothing
    if PrivateDevices.areNeeded, kind == .bubblewrap, let folder = try? RuntimeFolder() {
      privateDevices = PrivateDevices.make(in: "\(folder.path)/dev")
    } else {
      privateDevices = false
    }
  }

  /// Whether a process can join groups made with `support` before it becomes something else.
  private static func works(
    _ support: ControlGroupSupport,
    _ limits: SandboxLimits,
    _ tools: SandboxTools
  ) async -> Bool {
    guard !support.locations.isEmpty, let group = try? ControlGroup(support, limits) else { return false }
    defer { _ = group.remove(patience: .seconds(1)) }
    let command = Trampoline.enter(
      tools,
      joining: group.joinFiles,
      ["/bin/sh", "-c", ":"]
    )
    let result = try? await run(
      .path(.init(command[0])),
      arguments: Arguments(Array(command.dropFirst())),
      output: .discarded,
      error: .discarded
    )
    return result?.terminationStatus.isSuccess ?? false
  }

  /// The same sandbox for agents that may use `limits`.
  ///
  /// - Throws: `FieldError` about a limit.
  public func limited(to limits: SandboxLimits) throws(FieldError) -> AgentSandbox {
    try limits.validate()
    return AgentSandbox(self, limits)
  }

  private init(_ other: AgentSandbox, _ limits: SandboxLimits) {
    self.limits = limits
    kind = other.kind
    fallbackReason = other.fallbackReason
    tools = other.tools
    controlGroups = other.controlGroups
    userNamespaces = other.userNamespaces
    privateDevices = other.privateDevices
  }

  /// One line for the user: how agents are kept apart.
  public var summary: String {
    switch kind {
    case .bubblewrap: "each agent in a bubblewrap sandbox of its own"
    case .none:
      "agents run as plain processes that see this machine and its network"
        + (fallbackReason.map { ": \($0)" } ?? "")
    }
  }

  /// What this machine does not enforce, one sentence each without its full stop; empty where everything is.
  public var unenforced: [String] {
    var sentences: [String] = []
    if !controlGroups.has(.memory) {
      sentences.append(
        tools.prlimit == nil
          ? "memory is not limited" : "memory is limited for each process, not for all of an agent's processes together"
      )
    }
    if !controlGroups.has(.pids) && !limitsProcessesByUser {
      sentences.append("the number of processes is not limited")
    }
    if !controlGroups.has(.cpu) && limits.cpuCount < Double(sysconf(Int32(_SC_NPROCESSORS_ONLN))) {
      sentences.append("processor time is not limited; libraries are told to start \(limits.threadCount) threads")
    }
    if tools.prlimit == nil { sentences.append("the size of files is not limited") }
    if kind == .none {
      sentences.append("agents share /tmp, and its size is not limited")
      sentences.append(
        tools.setpriv == nil
          ? "agents live on if this program is killed"
          : "processes that an agent starts itself live on if this program is killed"
      )
    } else if PrivateDevices.areNeeded && !privateDevices {
      sentences.append("agents own this machine's device nodes and can change their modes")
    }
    return sentences
  }

  /// Whether `RLIMIT_NPROC` holds: it counts per user namespace (Linux 5.14), and root's processes never.
  private var limitsProcessesByUser: Bool { kind == .bubblewrap && tools.prlimit != nil && geteuid() != 0 }

  /// Starts one agent. When this returns its process exists; whether it gets ready is for its socket to say.
  ///
  /// - Throws: `SandboxError` if the machine cannot start it, `FieldError` if its program is not usable.
  public func start(_ launch: AgentLaunch) async throws -> SandboxedAgent {
    try launch.program.validate(field: "agent \(launch.name)")
    try Files.makeDirectories(launch.logDirectory)
    let scratch = try RuntimeFolder()
    let group = controlGroups.locations.isEmpty ? nil : try ControlGroup(controlGroups, limits)
    do {
      let plan =
        switch kind {
        case .bubblewrap: try bubblewrapPlan(launch, scratch: scratch.path)
        case .none: try plainPlan(launch)
        }
      let command = Trampoline.enter(
        tools,
        joining: group?.joinFiles ?? [],
        inputFile: plan.inputFile,
        plan.command
      )
      let agent = try SandboxedAgent(
        kind: kind,
        name: launch.name,
        logDirectory: launch.logDirectory,
        logBytes: limits.logBytes,
        scratch: scratch,
        group: group
      )
      try await agent.launch(command, workingDirectory: plan.workingDirectory)
      return agent
    } catch {
      _ = group?.remove(patience: .seconds(1))
      throw error
    }
  }

  /// What the trampoline becomes.
  private struct Plan {
    var command: [String]
    var workingDirectory: String
    var inputFile = "/dev/null"
  }

  private func bubblewrapPlan(_ launch: AgentLaunch, scratch: String) throws -> Plan {
    guard let bubblewrap = tools.bubblewrap else { throw SandboxError("bubblewrap is gone") }
    let etc = "\(scratch)/etc"
    try Files.makeDirectories(etc)
    try Files.write("root:x:0:0::/:/bin/false\nagent:x:1000:1000::/tmp:/bin/sh\n", to: "\(etc)/passwd", create: true)
    try Files.write("root:x:0:\nagent:x:1000:\n", to: "\(etc)/group", create: true)
    try Files.write("127.0.0.1 localhost\n::1 localhost\n", to: "\(etc)/hosts", create: true)
    try Files.write("passwd: files\ngroup: files\nhosts: files\n", to: "\(etc)/nsswitch.conf", create: true)
    let devices = "\(scratch)/dev"
    if privateDevices, !PrivateDevices.make(in: devices) {
      throw SandboxError("cannot make device nodes in \(scratch)")
    }
    var options = BubblewrapCommand(
      tmpBytes: limits.tmpBytes,
      etc: etc,
      devices: privateDevices ? devices : nil,
      userNamespaces: userNamespaces
    )

    var command: [String] = []
    // The sandbox has /usr, and no other folder of programs.
    func inside(_ tool: String?) -> String? {
      tool.flatMap { Files.realPath($0)?.hasPrefix("/usr/") == true ? $0 : nil }
    }
    command += processorCommand(taskset: inside(tools.taskset), chrt: inside(tools.chrt), launch)
    if let prlimit = inside(tools.prlimit) { command += limitCommand(prlimit) }
    if case .python = launch.program {
      let (interpreter, hostFile) = try pythonParts(launch)
      try options.add(interpreter)
      options.mount(hostFile, at: BubblewrapCommand.hostFile)
      command += [interpreter.executable, BubblewrapCommand.hostFile]
    }
    command.append(try options.add(launch.program, others: launch.otherPrograms))
    guard let slash = launch.socketPath.lastIndex(of: "/"), launch.socketPath.hasPrefix("/") else {
      throw SandboxError("the socket's path \(launch.socketPath) is not absolute")
    }
    options.mount(String(launch.socketPath[..<slash]), at: BubblewrapCommand.socketFolder)
    options.hide(launch.otherPrograms, from: launch.program)
    options.finish(
      workingDirectory: BubblewrapCommand.agentFolder,
      environment: environment(
        launch,
        socketPath: BubblewrapCommand.socketFolder + launch.socketPath[slash...]
      )
    )

    // In a file, since /proc/1/cmdline shows the agent what stands on the command line.
    let arguments = "\(scratch)/arguments"
    try Files.write(options.options.map { $0 + "\0" }.joined(), to: arguments, create: true, mode: 0o600)
    return Plan(
      command: [bubblewrap, "--args", "4", "--"] + Trampoline.gate(command),
      workingDirectory: "/",
      inputFile: arguments
    )
  }

  private func plainPlan(_ launch: AgentLaunch) throws -> Plan {
    guard let env = tools.env else { throw SandboxError("env is not on PATH") }
    guard let program = Files.realPath(launch.program.path) else {
      throw SandboxError("\(launch.program.path) is gone")
    }
    var command = [env, "-i"]
    command += environment(launch, socketPath: launch.socketPath).variables.map { "\($0.name)=\($0.value)" }
    command += processorCommand(taskset: tools.taskset, chrt: tools.chrt, launch)
    if let prlimit = tools.prlimit { command += limitCommand(prlimit) }
    if case .python = launch.program {
      let (interpreter, hostFile) = try pythonParts(launch)
      command += [interpreter.executable, hostFile]
    }
    let folder =
      Files.kind(program) == .directory ? program : String(program[..<(program.lastIndex(of: "/") ?? program.endIndex)])
    return Plan(command: Trampoline.gate(command + [program]), workingDirectory: folder.isEmpty ? "/" : folder)
  }

  private func pythonParts(_ launch: AgentLaunch) throws(SandboxError) -> (PythonInterpreter, hostFile: String) {
    guard let interpreter = launch.interpreter else { throw SandboxError("no Python interpreter was given") }
    guard let hostFile = launch.hostFile.flatMap(Files.realPath) else {
      throw SandboxError("the agent host \(launch.hostFile ?? "rl_arena_agent.py") is missing")
    }
    return (interpreter, hostFile)
  }

  private func environment(_ launch: AgentLaunch, socketPath: String) -> AgentEnvironment {
    AgentEnvironment(
      socketPath: socketPath,
      startupTimeout: launch.startupTimeout,
      threadCount: limits.threadCount,
      processLimit: limitsProcessesByUser && !controlGroups.has(.pids) ? limits.maxProcesses : nil
    )
  }

  /// `taskset` with the agent's processors, where it has any of its own, and `chrt` with the batch policy: an agent that wakes on the match's
  /// own processor lets the match first go to sleep, instead of having it wait in the middle of a step.
  private func processorCommand(taskset: String?, chrt: String?, _ launch: AgentLaunch) -> [String] {
    guard let processors = launch.processors, !processors.isEmpty, let taskset else { return [] }
    let batch = chrt.map { [$0, "--batch", "0"] } ?? []
    return batch + [taskset, "-c", processors.map(String.init).joined(separator: ",")]
  }

  /// `prlimit` with the limits that belong to single processes, and those that no control group holds.
  private func limitCommand(_ prlimit: String) -> [String] {
    var command = [prlimit, "--core=0:0", "--fsize=\(limits.fileSizeBytes):\(limits.fileSizeBytes)"]
    if !controlGroups.has(.memory) { command.append("--data=\(limits.memoryBytes):\(limits.memoryBytes)") }
    if !controlGroups.has(.pids), limitsProcessesByUser {
      command.append("--nproc=\(limits.maxProcesses):\(limits.maxProcesses)")
    }
    return command + ["--"]
  }
}

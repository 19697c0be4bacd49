import ArenaCore
import Subprocess
import Synchronization

extension AgentSandbox {
  /// Where a tool finds its program inside.
  private static let toolFile = "/rl-arena/tool.py"

  /// Runs `tool` to its end: in bubblewrap without network and with nothing to write to, else as a plain process.
  ///
  /// Memory and processor time are the tool's own to limit, before it looks at a file.
  ///
  /// - Throws: `SandboxError` if the machine cannot run it, or it wrote more than it may; `CancellationError` if the
  ///   task was cancelled, and then the process is gone.
  public func perform(_ tool: PythonTool) async throws -> PythonTool.Outcome {
    let command = Trampoline.enter(tools, joining: [], try toolCommand(tool))
    var platformOptions = PlatformOptions()
    platformOptions.createSession = true
    let configuration = Configuration(
      executable: .path(.init(command[0])),
      arguments: Arguments(Array(command.dropFirst())),
      environment: .custom(["PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"]),
      workingDirectory: "/",
      platformOptions: platformOptions
    )
    let limit = tool.outputBytes
    let isOverdue = Mutex(false)
    let running = Task {
      try await Subprocess.run(
        configuration,
        output: .bytes(limit: limit),
        error: .string(limit: 65536)
      )
    }
    let clock = Task {
      try await Task.sleep(for: tool.timeLimit)
      isOverdue.withLock { $0 = true }
      // Cancelling a run kills its process, and bubblewrap takes what is inside along.
      running.cancel()
    }
    defer { clock.cancel() }
    let result = await withTaskCancellationHandler {
      await running.result
    } onCancel: {
      running.cancel()
    }
    if isOverdue.withLock({ $0 }) { return PythonTool.Outcome(ending: .overdue, output: [], complaint: "") }
    try Task.checkCancellation()
    switch result {
    case .success(let record):
      return PythonTool.Outcome(
        ending: ending(record.terminationStatus),
        output: record.standardOutput,
        complaint: record.standardError
      )
    case .failure(let error): throw SandboxError("cannot run \(tool.script): \(error)")
    }
  }

  /// bubblewrap says by its own status which signal ended what it ran.
  private func ending(_ status: TerminationStatus) -> PythonTool.Ending {
    switch status {
    case .exited(let code) where kind == .bubblewrap && code > 128 && code <= 128 + 64: .signal(code - 128)
    case .exited(let code): .status(code)
    case .signaled(let signal): .signal(signal)
    }
  }

  private func toolCommand(_ tool: PythonTool) throws(SandboxError) -> [String] {
    guard let script = Files.realPath(tool.script) else { throw SandboxError("\(tool.script) is gone") }
    guard let folder = Files.realPath(tool.folder) else { throw SandboxError("\(tool.folder) is gone") }
    func python(_ script: String, _ folder: String) -> [String] {
      [tool.interpreter.executable, "-I", "-S", "-B", script, folder] + tool.arguments
    }
    switch kind {
    case .none:
      guard let env = tools.env else { throw SandboxError("env is not on PATH") }
      return [env, "-i"] + AgentEnvironment().variables.map { "\($0.name)=\($0.value)" } + python(script, folder)
    case .bubblewrap:
      guard let bubblewrap = tools.bubblewrap else { throw SandboxError("bubblewrap is gone") }
      var options = BubblewrapCommand(tmpBytes: 4096, etc: nil, devices: nil, userNamespaces: userNamespaces)
      try options.add(tool.interpreter)
      options.mount(script, at: Self.toolFile)
      let inside = try options.add(.python(path: folder), others: [])
      options.finish(workingDirectory: "/", environment: AgentEnvironment())
      return [bubblewrap] + options.options + ["--"] + python(Self.toolFile, inside)
    }
  }
}

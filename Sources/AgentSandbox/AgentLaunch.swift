/// Everything needed to start one agent.
public struct AgentLaunch: Sendable {
  /// Stem of the two log files' names, such as `seat-0-random`.
  public var name: String
  /// What runs.
  public var program: AgentProgram
  /// What runs Python code; needed for `.python` programs.
  public var interpreter: PythonInterpreter?
  /// Path of `rl_arena_agent.py`; needed for `.python` programs.
  public var hostFile: String?
  /// Path of the seat's socket, in a folder that holds nothing else.
  public var socketPath: String
  /// Folder for `<name>.stdout.log` and `<name>.stderr.log`, created if it is missing.
  public var logDirectory: String
  /// What the agent is told it has for connecting and loading.
  public var startupTimeout: Duration
  /// The processors that the agent runs on; nil for all.
  public var processors: [Int]?
  /// The programs in all other seats, which this agent must not see even where they lie in its own folder.
  public var otherPrograms: [AgentProgram]

  /// A launch of `program`.
  public init(
    name: String,
    program: AgentProgram,
    interpreter: PythonInterpreter? = nil,
    hostFile: String? = nil,
    socketPath: String,
    logDirectory: String,
    startupTimeout: Duration = .seconds(60),
    processors: [Int]? = nil,
    otherPrograms: [AgentProgram] = []
  ) {
    self.name = name
    self.program = program
    self.interpreter = interpreter
    self.hostFile = hostFile
    self.socketPath = socketPath
    self.logDirectory = logDirectory
    self.startupTimeout = startupTimeout
    self.processors = processors
    self.otherPrograms = otherPrograms
  }
}

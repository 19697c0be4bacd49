/// A Python program of ours that reads strangers' files: it is given a folder, and answers on standard output.
///
/// It runs as `python -I -S`: no packages, none of the user's settings, nothing from the folder on its path.
public struct PythonTool: Sendable {
  /// How a run ended.
  public enum Ending: Sendable, Equatable {
    /// By itself, with this status.
    case status(Int32)
    /// By this signal.
    case signal(Int32)
    /// It was killed after its time.
    case overdue
  }

  /// What came of a run.
  public struct Outcome: Sendable {
    /// How it ended.
    public var ending: Ending
    /// What it wrote to standard output.
    public var output: [UInt8]
    /// What it wrote to standard error.
    public var complaint: String
  }

  /// What runs it.
  public var interpreter: PythonInterpreter
  /// Path of the program.
  public var script: String
  /// The folder or file that it is to read; it is its first argument, and it cannot write to it.
  public var folder: String
  /// Its other arguments.
  public var arguments: [String]
  /// How long it may take.
  public var timeLimit: Duration
  /// How many bytes it may write.
  public var outputBytes: Int

  /// A program that reads `folder`.
  public init(
    interpreter: PythonInterpreter,
    script: String,
    folder: String,
    arguments: [String],
    timeLimit: Duration = .seconds(60),
    outputBytes: Int = 1 << 20
  ) {
    self.interpreter = interpreter
    self.script = script
    self.folder = folder
    self.arguments = arguments
    self.timeLimit = timeLimit
    self.outputBytes = outputBytes
  }
}

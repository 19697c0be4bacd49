public import ArenaCore

/// What an uploaded agent may be: the sections `validation` and, for the size of all of it, `sandbox` of `limits.yaml`.
public struct ValidationRules: Sendable, Equatable {
  /// Bytes of one file (`validation.max_file_size_mb`).
  public var fileBytes = 10 << 20
  /// Bytes of all files (`sandbox.max_code_size_mb`).
  public var totalBytes = 50 << 20
  /// Number of files (`validation.max_files`).
  public var files = 1000
  /// Lines of one `.py` file (`validation.max_lines`).
  public var lines = 5000
  /// Modules (`subprocess`), members of modules (`os.system`, `os.exec*`) and built-in functions (`eval`) that agents
  /// must not use (`validation.forbidden_imports`).
  public var forbiddenImports = Self.publishedForbiddenImports
  /// Ends of file names that are accepted, and whole names (`validation.allowed_extensions`).
  public var allowedExtensions = Self.publishedExtensions + Self.modelExtensions

  /// What the published configuration forbids.
  public static let publishedForbiddenImports = ["os.system", "subprocess", "eval", "exec", "compile", "__import__"]
  /// What the published configuration accepts.
  public static let publishedExtensions = [".py", ".txt", ".json"]
  /// What agents that have learnt something keep it in, and what lies beside source.
  public static let modelExtensions = [
    ".npy", ".npz", ".pt", ".pth", ".onnx", ".safetensors", ".pkl", ".zip", ".csv", ".yaml", ".yml", ".toml", ".md",
    ".gitignore", "LICENSE",
  ]

  /// The defaults.
  public init() {}

  /// Reads the rules from the sections of a configuration file; what is not given there stays as it is by default.
  ///
  /// - Throws: `FieldError` about the first value that is not allowed.
  public init(validation: FieldReader?, sandbox: FieldReader? = nil) throws(FieldError) {
    if let bytes = try sandbox.flatMap({ (section) throws(FieldError) in try Self.bytes("max_code_size_mb", section) })
    {
      totalBytes = bytes
      fileBytes = min(fileBytes, bytes)
    }
    guard let validation else { return }
    fileBytes = try Self.bytes("max_file_size_mb", validation) ?? fileBytes
    files = try validation.integer("max_files", in: 1...10_000) ?? files
    lines = try validation.integer("max_lines", in: 1...1_000_000) ?? lines
    forbiddenImports = try Self.names("forbidden_imports", validation) ?? forbiddenImports
    allowedExtensions = try Self.names("allowed_extensions", validation) ?? allowedExtensions
  }

  /// A size in MiB, as the ancestor read it, fractions allowed.
  private static func bytes(_ key: String, _ section: FieldReader) throws(FieldError) -> Int? {
    guard let value = section.value(key) else { return nil }
    guard let number = value.double, (0.001...1024).contains(number) else {
      throw section.wrong(key, value, "a number of MiB in 0.001…1024")
    }
    return Int(number * 1_048_576)
  }

  private static func names(_ key: String, _ section: FieldReader) throws(FieldError) -> [String]? {
    guard let values = try section.array(key) else { return nil }
    guard values.count <= 1000 else { throw section.wrong(key, .array(values), "an array of at most 1000 names") }
    var names: [String] = []
    for (index, value) in values.enumerated() {
      guard case .string(let name) = value, (1...64).contains(name.utf8.count) else {
        throw section.wrong("\(key)[\(index)]", value, "a name of 1 to 64 bytes")
      }
      names.append(name)
    }
    return names
  }
}

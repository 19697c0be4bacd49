import Foundation

/// Finds files that come with the program.
enum SourceTree {
  /// The path of `name` in `folder` or the nearest folder above it that has it.
  static func find(_ name: String, above folder: String) -> String? {
    var folder = URL(filePath: folder).standardizedFileURL
    while true {
      let candidate = folder.appending(path: name).path
      if FileManager.default.fileExists(atPath: candidate) { return candidate }
      guard folder.path != "/" else { return nil }
      folder = folder.deletingLastPathComponent()
    }
  }

  /// The Python host: beside the program, where it was installed to, or in the tree it was built in.
  static func agentHost() -> String? {
    let program = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    let installed = ["rl_arena_agent.py", "../share/rl-arena/rl_arena_agent.py"]
      .map { program.appending(path: $0).standardizedFileURL.path }
      .first { FileManager.default.fileExists(atPath: $0) }
    return installed ?? find("sdk/python/rl_arena_agent.py", above: program.path)
  }
}

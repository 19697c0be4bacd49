import Glibc

/// Finds files that come with the program.
public enum ProgramFiles {
  /// The path of the Python file `name`: beside the program, where it was installed to, or in the tree it was built in;
  /// nil if it is in none of these places.
  public static func python(_ name: String) -> String? {
    guard let program = Files.realPath("/proc/self/exe"), let slash = program.lastIndex(of: "/") else { return nil }
    var folder = String(program[..<slash])
    var candidates = ["\(folder)/\(name)", "\(folder)/../share/rl-arena/\(name)"]
    while true {
      candidates.append("\(folder)/sdk/python/\(name)")
      guard let slash = folder.lastIndex(of: "/") else { break }
      folder = String(folder[..<slash])
    }
    return candidates.first { Files.kind($0) == .file }.flatMap(Files.realPath)
  }
}

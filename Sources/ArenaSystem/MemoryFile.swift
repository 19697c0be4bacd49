internal import CLinux
internal import Glibc

/// A file in memory that has no name, such as for a program's standard input (memfd_create(2)).
public enum MemoryFile {
  /// A descriptor of a file that holds `text`, at its beginning. The caller closes it.
  ///
  /// - Throws: `SystemFailure` if there is no memory or no descriptor left.
  public static func holding(_ text: String) throws(SystemFailure) -> Int32 {
    let file = rl_arena_memory_file("rl-arena")
    guard file >= 0 else { throw SystemFailure("memfd_create", errno) }
    guard OutputStream.write(text, to: file), lseek(file, 0, SEEK_SET) == 0 else {
      let code = errno
      close(file)
      throw SystemFailure("writing to a file in memory", code)
    }
    return file
  }
}

internal import Glibc

/// Whole writes to standard output, standard error and small files.
public enum OutputStream {
  /// Writes all of `text` to `descriptor`; whether it could.
  @discardableResult
  public static func write(_ text: String, to descriptor: Int32) -> Bool {
    var text = text
    return text.withUTF8 { buffer in
      var rest = UnsafeRawBufferPointer(buffer)
      while !rest.isEmpty {
        let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return false }
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      }
      return true
    }
  }

  /// Writes `text` to standard output.
  @discardableResult
  public static func standardOutput(_ text: String) -> Bool { write(text, to: STDOUT_FILENO) }

  /// Writes `text` to standard error.
  @discardableResult
  public static func standardError(_ text: String) -> Bool { write(text, to: STDERR_FILENO) }

  /// Replaces the content of the file at `path` by `text`.
  ///
  /// - Throws: `SystemFailure` if it cannot be written.
  public static func replaceFile(_ path: String, with text: String) throws(SystemFailure) {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw SystemFailure("opening \(path)", errno) }
    defer { close(file) }
    guard write(text, to: file) else { throw SystemFailure("writing \(path)", errno) }
  }
}

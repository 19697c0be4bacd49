import CLinux
import Glibc
import Synchronization

/// One of the two streams an agent prints to: a pipe, and the file that what comes through it is kept in.
final class AgentOutputStream: Sendable {
  /// The end of the pipe that this process reads.
  let reader: Int32
  /// The end of the pipe that the agent writes to.
  let writer: Int32
  /// The file.
  let log: Int32
  private let isWriterOpen = Mutex(true)

  /// Makes the pipe, and creates or empties the file at `logPath`.
  init(logPath: String) throws(SandboxError) {
    log = open(logPath, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard log >= 0 else { throw .systemCall("cannot create the log \(logPath)") }
    var (reader, writer): (Int32, Int32) = (-1, -1)
    guard rl_arena_pipe(&reader, &writer) == 0 else {
      let code = errno
      close(log)
      throw .systemCall("cannot create a pipe", code)
    }
    (self.reader, self.writer) = (reader, writer)
    _ = fcntl(reader, F_SETFL, O_NONBLOCK)
  }

  /// Closes this process's copy of the agent's end.
  func closeWriter() {
    isWriterOpen.withLock { isOpen in
      if isOpen { close(writer) }
      isOpen = false
    }
  }

  deinit {
    closeWriter()
    close(reader)
    close(log)
  }
}

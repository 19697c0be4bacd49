internal import ArenaLogging
internal import ArenaSystem
internal import Glibc
internal import Logging

/// The log of one match: a file of JSON lines, open for as long as this object lives. What is logged goes to the executor's log too.
final class MatchLog: Sendable {
  /// Writes to both.
  let logger: Logger
  private let descriptor: Int32

  /// Begins the log in the file at `path`, whose folder is there. Where it cannot be written, only the executor's log is.
  init(path: String, matchID: String, beside other: Logger) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_APPEND, 0o644)
    self.descriptor = descriptor
    var logger = other
    if descriptor >= 0 {
      let file = JSONLogHandler(level: .debug, descriptor: descriptor)
      logger = Logger(label: other.label) { _ in MultiplexLogHandler([other.handler, file]) }
    } else {
      other.warning("the match's log cannot be written", metadata: ["path": "\(path)", "errno": "\(errno)"])
    }
    logger[metadataKey: "match_id"] = "\(matchID)"
    self.logger = logger
  }

  deinit { if descriptor >= 0 { close(descriptor) } }
}

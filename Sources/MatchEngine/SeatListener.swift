internal import ArenaSystem
internal import CLinux
internal import Glibc

/// The socket on which one seat's agent is awaited.
struct SeatListener {
  /// The listening socket; -1 once closed.
  private(set) var descriptor: Int32
  /// Where it is in the file system.
  let path: String
  /// The UID that the agent's process must have; nil for any.
  private let expectedUID: UInt32?

  /// Listens at `path`.
  ///
  /// - Throws: `SystemFailure` if the socket cannot be made there.
  init(path: String, expectedUID: UInt32?, mode: UInt32) throws(SystemFailure) {
    self.path = path
    self.expectedUID = expectedUID
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let capacity = MemoryLayout.size(ofValue: address.sun_path)
    guard path.utf8.count < capacity else {
      throw SystemFailure(
        "the socket's path \(path) has \(path.utf8.count) bytes, at most \(capacity - 1) fit",
        ENAMETOOLONG
      )
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | O_NONBLOCK | O_CLOEXEC, 0)
    guard descriptor >= 0 else { throw SystemFailure("socket", errno) }
    unlink(path)
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard bound == 0, chmod(path, mode) == 0, listen(descriptor, 8) == 0 else {
      let code = errno
      Glibc.close(descriptor)
      unlink(path)
      throw SystemFailure("listening at \(path)", code)
    }
  }

  /// The next connection whose peer is the seat's agent; nil if none waits. Connections of others are closed.
  func accept() -> Int32? {
    while true {
      let connection = rl_arena_accept(descriptor)
      guard connection >= 0 else {
        if errno == EINTR || errno == ECONNABORTED { continue }
        return nil
      }
      if isExpected(connection) { return connection }
      Glibc.close(connection)
    }
  }

  private func isExpected(_ connection: Int32) -> Bool {
    guard let expectedUID else { return true }
    var process: pid_t = 0
    var user: uid_t = 0
    var group: gid_t = 0
    return rl_arena_peer_credentials(connection, &process, &user, &group) == 0 && user == expectedUID
  }

  /// Stops listening and removes the socket from the file system; connections that wait are closed.
  mutating func close() {
    guard descriptor >= 0 else { return }
    Glibc.close(descriptor)
    descriptor = -1
    unlink(path)
  }
}

import Foundation

/// A listening Unix-domain socket, to see who comes and when they are gone.
final class Listener {
  private let descriptor: Int32

  struct Failure: Error { let description: String }

  init(path: String) throws {
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard result == 0, listen(descriptor, 16) == 0 else { throw Failure(description: "\(path): \(errno)") }
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    chmod(path, 0o666)
  }

  deinit { close(descriptor) }

  /// The next connection; fails after 20 s.
  func accept() async throws -> Connection {
    guard await wait(descriptor) else { throw Failure(description: "nobody connected") }
    let connection = Foundation.accept(descriptor, nil, nil)
    _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
    return Connection(descriptor: connection)
  }

  final class Connection {
    private let descriptor: Int32
    init(descriptor: Int32) { self.descriptor = descriptor }
    deinit { close(descriptor) }

    /// One byte, or nil at the end of the stream; fails after 20 s.
    func byte() async throws -> UInt8? {
      guard await wait(descriptor) else { throw Failure(description: "nothing came") }
      var byte: UInt8 = 0
      return read(descriptor, &byte, 1) == 1 ? byte : nil
    }

    /// Writes one byte.
    func send() throws {
      var byte: UInt8 = 33
      guard write(descriptor, &byte, 1) == 1 else { throw Failure(description: "cannot write: \(errno)") }
    }
  }
}

/// Whether something comes; waits on a thread that Swift's pool does not need.
private func wait(_ descriptor: Int32) async -> Bool {
  await withCheckedContinuation { continuation in
    DispatchQueue.global().async {
      var event = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      continuation.resume(returning: poll(&event, 1, 20_000) == 1)
    }
  }
}

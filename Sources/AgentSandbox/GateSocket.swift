import Glibc
import Synchronization

/// The arena's side of an agent's gate: a pair of sockets, of which the agent's process gets one as descriptor 0.
final class GateSocket: Sendable {
  /// The end that stays here.
  let near: Int32
  /// The end for the agent's process.
  let far: Int32
  private let isFarOpen = Mutex(true)

  /// Makes the pair.
  init() throws(SandboxError) {
    var ends: [Int32] = [-1, -1]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
      throw .systemCall("cannot create a pair of sockets")
    }
    (near, far) = (ends[0], ends[1])
  }

  /// Closes this process's copy of the agent's end.
  func closeFar() {
    isFarOpen.withLock { isOpen in
      if isOpen { close(far) }
      isOpen = false
    }
  }

  /// Opens the gate if it has said that it is ready. Called when there is something to read.
  ///
  /// - Returns: Whether it was, so that the agent's own program runs next.
  func open() -> Bool {
    let word = Array(Trampoline.ready.utf8)
    var heard = [UInt8](repeating: 0, count: word.count)
    // Dash and bash write a line at once, so it comes whole.
    guard recv(near, &heard, heard.count, 0) == word.count, heard == word else { return false }
    let answer = Array(Trampoline.go.utf8)
    return send(near, answer, answer.count, Int32(MSG_NOSIGNAL)) == answer.count
  }

  deinit {
    closeFar()
    close(near)
  }
}

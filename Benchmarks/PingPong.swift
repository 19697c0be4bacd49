internal import CPingPong
internal import Glibc

/// The C ping-pong with two native agents.
struct PingPong {
  /// Steps to play.
  var steps: Int

  /// Plays it and returns when each step began and the last one ended, in nanoseconds of the monotonic clock.
  func play(in folder: ScratchFolder) throws(BenchmarkError) -> [Int64] {
    let sockets = [folder.file("c-0.sock"), folder.file("c-1.sock")]
    var listeners: [Int32] = []
    defer { for listener in listeners { close(listener) } }
    for socket in sockets {
      unlink(socket)
      let listener = c_ping_pong_listen(socket)
      guard listener >= 0 else { throw BenchmarkError("no socket at \(socket): errno \(errno)") }
      listeners.append(listener)
    }
    var instants = [Int64](repeating: 0, count: steps + 1)
    let agents = try ChildProcess.nativeAgents(sockets)
    let status = c_ping_pong_play(listeners, steps, &instants)
    for agent in agents { try agent.finish() }
    guard status == 0 else { throw BenchmarkError("the C ping-pong failed: errno \(status)") }
    return instants
  }
}

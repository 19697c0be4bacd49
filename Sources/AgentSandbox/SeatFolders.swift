import Glibc

/// One folder per seat for its socket, readable by nobody else; gone with this object.
public final class SeatFolders: Sendable {
  private let folder: RuntimeFolder

  /// How many seats there are.
  public let seatCount: Int

  /// Creates the folders, and clears away those that killed processes left behind.
  ///
  /// - Throws: `SandboxError` if the machine has no place for them.
  public init(seatCount: Int) throws(SandboxError) {
    RuntimeFolder.removeAbandoned()
    folder = try RuntimeFolder()
    self.seatCount = seatCount
    for seat in 0..<seatCount where mkdir("\(folder.path)/seat-\(seat)", 0o700) != 0 {
      throw .systemCall("cannot create a folder for seat \(seat) in \(folder.path)")
    }
  }

  /// Where the socket of `seat` is to be bound: short enough for `sockaddr_un`.
  public func socketPath(seat: Int) -> String {
    precondition((0..<seatCount).contains(seat), "no such seat")
    return "\(folder.path)/seat-\(seat)/agent.sock"
  }

  /// Removes the folders and all sockets in them; done by itself when this object goes.
  public func remove() { folder.remove() }
}

/// Where the moves of an agent come from.
public enum SeatSource: Sendable {
  /// A process that connects to a socket at `path`. `uid` is the UID that it must have, nil for any; `mode` the permission
  /// bits of the socket.
  case socket(path: String, uid: UInt32? = nil, mode: UInt32 = 0o666)
  /// An agent that is part of this program.
  case builtIn(BuiltInAgent)
}

/// Names a call of a connection, also once its place was taken by another.
struct CallID: Sendable, Hashable {
  /// Place among the connection's calls.
  var slot: UInt32
  /// How often the place was taken before.
  var generation: UInt32
}

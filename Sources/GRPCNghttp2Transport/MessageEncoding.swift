/// How messages are compressed, by their names in `grpc-encoding`.
enum MessageEncoding: Sendable, Equatable {
  case identity
  case gzip

  /// What `grpc-accept-encoding` says of this server.
  static let accepted: StaticString = "gzip, identity"
}

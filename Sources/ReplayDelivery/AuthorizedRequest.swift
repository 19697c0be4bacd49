/// A request that a store will accept from whoever sends it.
struct AuthorizedRequest: Sendable {
  /// The HTTP method.
  var method: String
  /// Where to.
  var url: PresignedURL
  /// Headers that must be sent just so.
  var headers: [(name: String, value: String)]
}

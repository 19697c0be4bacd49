/// Why a request to a store did not succeed.
struct UploadFailure: Error, Equatable, Sendable {
  /// What may be done about it.
  enum Kind: Equatable, Sendable {
    /// The same request may succeed later: the store is away, busy or slow.
    case transient
    /// The store asks for less: everything waits.
    case slowDown
    /// The store has no such multi-part upload, any more or at all.
    case noSuchUpload
    /// The store has no such object.
    case notFound
    /// The store, or this program, will not do it however often it is asked.
    case refused
  }

  var kind: Kind
  /// What was wrong, in words that can follow "the upload failed: "; without secrets.
  var reason: String
  /// The wait that the store asks for.
  var retryAfter: Duration?

  init(_ kind: Kind, _ reason: String, retryAfter: Duration? = nil) {
    self.kind = kind
    self.reason = reason
    self.retryAfter = retryAfter
  }
}

/// What lets an uploader at one object: the keys themselves, or a ticket.
protocol ObjectAccess: Sendable {
  /// How the object is called in results and logs.
  var location: String { get }

  /// The request for `operation`, ready to be sent.
  ///
  /// - Throws: `DeliveryError` if this access does not go so far, or no longer.
  func request(_ operation: ObjectOperation) throws(DeliveryError) -> AuthorizedRequest
}

/// A request that a store will accept from whoever sends it.
struct AuthorizedRequest: Sendable {
  /// The HTTP method.
  var method: String
  /// Where to.
  var url: PresignedURL
  /// Headers that must be sent just so.
  var headers: [(name: String, value: String)]
}

extension ObjectAccess {
  /// The request for `operation`; what this access does not allow is a failure that no retry helps.
  func asking(_ operation: ObjectOperation) throws(UploadFailure) -> AuthorizedRequest {
    do throws(DeliveryError) {
      return try request(operation)
    } catch {
      throw UploadFailure(.refused, error.description)
    }
  }
}

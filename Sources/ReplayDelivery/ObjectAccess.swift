/// What lets an uploader at one object: the keys themselves, or a ticket.
protocol ObjectAccess: Sendable {
  /// How the object is called in results and logs.
  var location: String { get }

  /// The request for `operation`, ready to be sent.
  ///
  /// - Throws: `DeliveryError` if this access does not go so far, or no longer.
  func request(_ operation: ObjectOperation) throws(DeliveryError) -> AuthorizedRequest
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

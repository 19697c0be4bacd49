#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Access to one object by the keys of its store. Every request is presigned when it is about to be sent.
struct KeyedAccess: ObjectAccess {
  let store: ObjectStore
  let name: String
  let credentials: StoreCredentials.Source
  /// Headers of the object: its type, and metadata.
  var headers: [(name: String, value: String)]
  /// How long each URL is good for: as long as a request may take to begin.
  var validity = Duration.seconds(15 * 60)
  var date: @Sendable () -> Date = { Date() }

  var location: String { store.location(name) }

  func request(_ operation: ObjectOperation) throws(DeliveryError) -> AuthorizedRequest {
    let signature = SignatureV4(credentials: try credentials.read(), region: store.region, date: date())
    let place = store.place(name)
    let headers = operation.describesObject ? headers : []
    let request = SignatureV4.Request(
      method: operation.method,
      scheme: store.scheme,
      host: place.host,
      path: place.path,
      query: operation.query,
      headers: headers
    )
    return AuthorizedRequest(
      method: operation.method,
      url: signature.presign(request, validity: validity),
      headers: headers
    )
  }
}

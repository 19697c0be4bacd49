#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Access to one object by a ticket.
struct TicketAccess: ObjectAccess {
  let ticket: UploadTicket
  var date: @Sendable () -> Date = { Date() }

  var location: String { ticket.location }

  func request(_ operation: ObjectOperation) throws(DeliveryError) -> AuthorizedRequest {
    guard date().timeIntervalSince1970 < ticket.expiresAt else {
      let moment = Date(timeIntervalSince1970: ticket.expiresAt).formatted(.iso8601)
      throw DeliveryError("the ticket for \(location) expired at \(moment)")
    }
    guard let url = url(operation) else { throw DeliveryError("the ticket for \(location) does not go so far") }
    return AuthorizedRequest(
      method: operation.method,
      url: url,
      headers: operation.describesObject ? ticket.headers.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } : []
    )
  }

  private func url(_ operation: ObjectOperation) -> PresignedURL? {
    switch operation {
    case .put: return ticket.put
    case .head: return ticket.head
    case .get: return ticket.get
    case .createUpload: return nil
    case .complete: return ticket.multipart?.complete
    case .abort: return ticket.multipart?.abort
    case .putPart(let number, _):
      guard let parts = ticket.multipart?.parts, parts.indices.contains(number - 1) else { return nil }
      return parts[number - 1]
    case .listParts(let marker, _):
      let page = marker / ObjectOperation.listedParts
      guard let list = ticket.multipart?.list, list.indices.contains(page) else { return nil }
      return list[page]
    }
  }
}

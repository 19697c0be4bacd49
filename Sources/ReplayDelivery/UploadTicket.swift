internal import ArenaCore

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// What an uploader without keys needs to put one object, and nothing more: presigned URLs, for a while.
///
/// It is a secret while it is good; its description leaves the URLs out. As JSON it can be handed to another process.
public struct UploadTicket: Equatable, Sendable {
  /// URLs for an upload in parts, which has been begun already.
  struct Multipart: Equatable, Sendable {
    var uploadID: String
    var partBytes: Int
    var parts: [PresignedURL]
    /// Listings of the parts that are there, 1000 in each.
    var list: [PresignedURL]
    var complete: PresignedURL
    var abort: PresignedURL
  }

  /// The name of the file that it is for, such as `match.mcap`.
  public let name: String
  /// How the object is called in results and logs: `s3://bucket/key`.
  public let location: String
  /// When the URLs cease to be good, in seconds since 1970.
  public let expiresAt: Double
  /// The largest file that it is for, in bytes.
  public let maxBytes: Int
  /// Headers that must be sent with the object.
  let headers: [String: String]
  let put: PresignedURL
  let head: PresignedURL
  let get: PresignedURL
  let multipart: Multipart?

  /// The largest ticket, as JSON, in bytes: 10,000 URLs of a kilobyte.
  public static let mostBytes = 16 << 20
  /// Above this size a file needs a ticket with parts.
  public static let largestWithoutParts = 64 << 20
  static let version: Int64 = 1

  /// Makes a ticket for the object `name` of `store`.
  ///
  /// For more than 64 MiB the store is asked to begin an upload in parts; if the ticket is never used, that upload remains until it is aborted,
  /// or until the bucket's rules end it.
  ///
  /// - Parameters:
  ///   - validity: how long it is good, at most a week.
  ///   - maxBytes: the largest file that it is for.
  ///   - authorities: a file with the certificates to trust; nil for the system's.
  /// - Throws: `DeliveryError` if there are no keys, or the store does not begin the upload.
  public static func make(
    name: String,
    in store: ObjectStore,
    credentials: StoreCredentials.Source,
    validity: Duration,
    maxBytes: Int,
    authorities: String? = nil
  ) async throws(DeliveryError) -> UploadTicket {
    let contentType = ContentType.of(name)
    let access = KeyedAccess(
      store: store,
      name: name,
      // Read once, so that all URLs are signed by the same key.
      credentials: .fixed(try credentials.read()),
      headers: [("content-type", contentType)],
      validity: validity
    )
    let expiresAt = Date().timeIntervalSince1970 + validity.inSeconds
    func url(_ operation: ObjectOperation) throws(DeliveryError) -> PresignedURL {
      try access.request(operation).url
    }
    var multipart: Multipart?
    if maxBytes > largestWithoutParts {
      let layout = PartLayout(size: maxBytes)
      let id = try await begin(access, authorities)
      var parts: [PresignedURL] = []
      for number in 1...layout.count { parts.append(try url(.putPart(number, upload: id))) }
      var list: [PresignedURL] = []
      for marker in stride(from: 0, to: layout.count, by: ObjectOperation.listedParts) {
        list.append(try url(.listParts(after: marker, upload: id)))
      }
      multipart = Multipart(
        uploadID: id,
        partBytes: layout.partBytes,
        parts: parts,
        list: list,
        complete: try url(.complete(upload: id)),
        abort: try url(.abort(upload: id))
      )
    }
    return UploadTicket(
      name: name.split(separator: "/").last.map(String.init) ?? name,
      location: store.location(name),
      expiresAt: expiresAt,
      maxBytes: maxBytes,
      headers: ["content-type": contentType],
      put: try url(.put),
      head: try url(.head),
      get: try url(.get),
      multipart: multipart
    )
  }

  private static func begin(_ access: KeyedAccess, _ authorities: String?) async throws(DeliveryError) -> String {
    let client = StoreClient(authorities: authorities)
    let result: Result<StoreAnswer, UploadFailure>
    do throws(UploadFailure) {
      let request = try access.asking(.createUpload)
      result = .success(try await client.send(request))
    } catch {
      result = .failure(error)
    }
    await client.close()
    switch result {
    case .failure(let failure): throw DeliveryError("no ticket for \(access.location): \(failure.reason)")
    case .success(let answer):
      guard let id = StoreDocument(answer.body).values["UploadId"], !id.isEmpty else {
        throw DeliveryError("no ticket for \(access.location): the store's answer does not name the upload")
      }
      return id
    }
  }
}

extension UploadTicket: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// What it is for, without its URLs.
  public var description: String { "a ticket for \(location)" }

  /// The same as `description`.
  public var debugDescription: String { description }

  /// Nothing: `dump` shows no more than `print`.
  public var customMirror: Mirror { Mirror(self, children: []) }
}

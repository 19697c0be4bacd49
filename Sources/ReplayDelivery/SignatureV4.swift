internal import ArenaCore
internal import Crypto

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// AWS Signature Version 4 in a URL's query: "presigned" requests.
///
/// Source: *Authenticating Requests: Using Query Parameters (AWS Signature Version 4)* in the Amazon S3 API reference.
public struct SignatureV4: Sendable {
  private let credentials: StoreCredentials
  private let region: String
  private let service: String
  private let time: String

  private static let algorithm = "AWS4-HMAC-SHA256"
  /// The body is not part of the signature: it is not known where the URL is made.
  private static let payload = "UNSIGNED-PAYLOAD"
  /// A week, the longest that stores accept.
  public static let longestValidity = Duration.seconds(7 * 24 * 3600)

  /// Signs for `region` at `date`.
  public init(credentials: StoreCredentials, region: String, service: String = "s3", date: Date) {
    self.credentials = credentials
    self.region = region
    self.service = service
    time = Self.time(date)
  }

  /// A request that may be signed.
  public struct Request: Sendable {
    /// The HTTP method.
    public var method: String
    /// `http` or `https`.
    public var scheme: String
    /// Host, with its port where that is not the scheme's own.
    public var host: String
    /// The path, not encoded, beginning with a slash.
    public var path: String
    /// The query, not encoded, in any order.
    public var query: [(name: String, value: String)]
    /// Headers that whoever uses the URL must send just so. Names in any case; `Host` is signed in any case.
    public var headers: [(name: String, value: String)]

    /// A request with no more than this.
    public init(
      method: String,
      scheme: String = "https",
      host: String,
      path: String,
      query: [(name: String, value: String)] = [],
      headers: [(name: String, value: String)] = []
    ) {
      self.method = method
      self.scheme = scheme
      self.host = host
      self.path = path
      self.query = query
      self.headers = headers
    }
  }

  /// A URL that is good for `request` for as long as `validity`, in whole seconds, at least one and at most a week.
  public func presign(_ request: Request, validity: Duration) -> PresignedURL {
    let seconds = min(max(1, validity.components.seconds), Self.longestValidity.components.seconds)
    let headers = Self.canonical(request.headers + [("host", request.host)])
    let signedNames = headers.map(\.name).joined(separator: ";")
    let scope = "\(time.prefix(8))/\(region)/\(service)/aws4_request"
    var query = request.query
    query += [
      ("X-Amz-Algorithm", Self.algorithm), ("X-Amz-Credential", "\(credentials.accessKeyID)/\(scope)"),
      ("X-Amz-Date", time), ("X-Amz-Expires", "\(seconds)"), ("X-Amz-SignedHeaders", signedNames),
    ]
    if let token = credentials.sessionToken { query.append(("X-Amz-Security-Token", token)) }
    let canonicalQuery = query.map { (PercentEncoding.encode($0.name), PercentEncoding.encode($0.value)) }
      .sorted { Self.precedes($0, $1) }.map { "\($0)=\($1)" }.joined(separator: "&")
    let path = PercentEncoding.encodePath(request.path)
    let canonicalRequest = [
      request.method, path, canonicalQuery, headers.map { "\($0.name):\($0.value)\n" }.joined(), signedNames,
      Self.payload,
    ].joined(separator: "\n")
    let digest = SHA256.hash(data: Data(canonicalRequest.utf8)).hexadecimalDigits
    let signature = HMAC<SHA256>.authenticationCode(
      for: Data("\(Self.algorithm)\n\(time)\n\(scope)\n\(digest)".utf8),
      using: signingKey
    )
    return PresignedURL(
      secretText: "\(request.scheme)://\(request.host)\(path)?\(canonicalQuery)&X-Amz-Signature="
        + signature.hexadecimalDigits
    )
  }

  /// The key that is derived from the secret for a day, region and service.
  var signingKey: SymmetricKey {
    var key = SymmetricKey(data: Data("AWS4\(credentials.secretAccessKey)".utf8))
    for part in [String(time.prefix(8)), region, service, "aws4_request"] {
      key = SymmetricKey(data: HMAC<SHA256>.authenticationCode(for: Data(part.utf8), using: key))
    }
    return key
  }

  /// Names in lower case and in order; values without what surrounds them, and single spaces within.
  private static func canonical(
    _ headers: [(name: String, value: String)]
  ) -> [(name: String, value: String)] {
    headers.map { name, value in
      (name.lowercased(), value.split(separator: " ", omittingEmptySubsequences: true).joined(separator: " "))
    }.sorted { precedes($0, $1) }
  }

  /// The order of bytes, not that of languages.
  private static func precedes(_ left: (String, String), _ right: (String, String)) -> Bool {
    left.0 == right.0
      ? left.1.utf8.lexicographicallyPrecedes(right.1.utf8) : left.0.utf8.lexicographicallyPrecedes(right.0.utf8)
  }

  /// A moment as `20130524T000000Z`.
  private static func time(_ date: Date) -> String {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = .gmt
    let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute, .second], from: date)
    func digits(_ value: Int?, _ count: Int) -> String {
      let text = "\(value ?? 0)"
      return String(repeating: "0", count: max(0, count - text.count)) + text
    }
    return digits(parts.year, 4) + digits(parts.month, 2) + digits(parts.day, 2) + "T" + digits(parts.hour, 2)
      + digits(parts.minute, 2) + digits(parts.second, 2) + "Z"
  }
}

public import ArenaCore

/// A place in an S3-compatible store: a bucket, and where in it.
public struct ObjectStore: Equatable, Sendable {
  /// How a bucket is named in a URL.
  public enum Addressing: String, CaseIterable, Sendable {
    /// `https://host/bucket/key`.
    case path
    /// `https://bucket.host/key`.
    case virtualHost = "virtual-host"
  }

  /// `http` or `https`.
  public let scheme: String
  /// The store's host, with its port where that is not the scheme's own.
  public let host: String
  /// The region that signatures name; many stores take any.
  public let region: String
  /// The bucket.
  public let bucket: String
  /// What all keys begin with, without a slash at its end; empty for none.
  public let prefix: String
  /// How the bucket is named in URLs.
  public let addressing: Addressing

  /// The region where nobody names one.
  public static let defaultRegion = "us-east-1"
  /// The longest key that S3 takes, in bytes.
  static let longestKey = 1024

  /// A place in a store.
  ///
  /// - Parameters:
  ///   - url: `s3://bucket` or `s3://bucket/prefix`.
  ///   - endpoint: `http://host:port` or `https://host`; nil for Amazon's own.
  ///   - region: nil for `us-east-1`.
  ///   - addressing: nil for Amazon's virtual hosts there, and paths elsewhere.
  /// - Throws: `FieldError` about `url`, `endpoint` or `region`.
  public init(url: String, endpoint: String? = nil, region: String? = nil, addressing: Addressing? = nil)
    throws(FieldError)
  {
    let region = region ?? Self.defaultRegion
    guard !region.isEmpty, region.utf8.count <= 64, region.utf8.allSatisfy({ Self.isLabel($0) }) else {
      throw FieldError(field: "region", given: "\"\(region)\"", allowed: "a region's name, such as us-east-1")
    }
    self.region = region
    (bucket, prefix) = try Self.bucketAndPrefix(url)
    (scheme, host) =
      try endpoint.map { text throws(FieldError) in try Self.schemeAndHost(text) }
      ?? ("https", "s3.\(region).amazonaws.com")
    // No certificate for *.host covers a bucket with a dot in its name.
    self.addressing = addressing ?? (endpoint == nil && !bucket.contains(".") ? .virtualHost : .path)
  }

  private static func bucketAndPrefix(_ url: String) throws(FieldError) -> (String, String) {
    let scheme = "s3://"
    func wrong(_ what: String) -> FieldError {
      FieldError(field: "url", given: "\"\(url)\"\(what)", allowed: "s3://BUCKET or s3://BUCKET/PREFIX")
    }
    guard url.hasPrefix(scheme) else { throw wrong("") }
    let rest = url.dropFirst(scheme.count)
    let bucket = rest.prefix { $0 != "/" }
    guard (3...63).contains(bucket.utf8.count), bucket.utf8.allSatisfy({ isLabel($0) || $0 == UInt8(ascii: ".") }),
      bucket.first?.isPunctuation == false, bucket.last?.isPunctuation == false, !bucket.contains("..")
    else {
      throw wrong(", whose bucket is not named with 3 to 63 lower-case letters, digits, dots and hyphens")
    }
    var prefix = rest.dropFirst(bucket.count)
    while prefix.first == "/" { prefix = prefix.dropFirst() }
    while prefix.last == "/" { prefix = prefix.dropLast() }
    guard prefix.utf8.count <= longestKey / 2,
      prefix.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F })
    else { throw wrong(", whose prefix is longer than \(longestKey / 2) bytes or has control characters") }
    let segments = prefix.split(separator: "/", omittingEmptySubsequences: false)
    guard prefix.isEmpty || segments.allSatisfy({ !["", ".", ".."].contains($0) }) else {
      throw wrong(", whose prefix has a segment that is empty, \".\" or \"..\"")
    }
    return (String(bucket), String(prefix))
  }

  private static func schemeAndHost(_ endpoint: String) throws(FieldError) -> (String, String) {
    for scheme in ["https", "http"] where endpoint.hasPrefix(scheme + "://") {
      var host = endpoint.dropFirst(scheme.count + 3)
      if host.last == "/" { host = host.dropLast() }
      let isHost = host.utf8.allSatisfy { byte in
        isLabel(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) || ".:[]".utf8.contains(byte)
      }
      guard !host.isEmpty, isHost, host.utf8.count <= 255 else { break }
      let standard = scheme == "https" ? ":443" : ":80"
      return (scheme, String(host.hasSuffix(standard) ? host.dropLast(standard.count) : host))
    }
    throw FieldError(
      field: "endpoint",
      given: "\"\(endpoint)\"",
      allowed: "http://HOST:PORT or https://HOST, without a path, a user or a query"
    )
  }

  private static func isLabel(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      || byte == UInt8(ascii: "-")
  }

  /// The key of the object `name`, which may be in sub-folders.
  func key(_ name: String) -> String { prefix.isEmpty ? name : "\(prefix)/\(name)" }

  /// `s3://bucket/key`: how the object is called in results and logs.
  public func location(_ name: String) -> String { "s3://\(bucket)/\(key(name))" }

  /// Host and path of the object `name`.
  func place(_ name: String) -> (host: String, path: String) {
    switch addressing {
    case .path: (host, "/\(bucket)/\(key(name))")
    case .virtualHost: ("\(bucket).\(host)", "/\(key(name))")
    }
  }
}

extension ObjectStore {
  /// Reads the section `replay_store`: `url`, `endpoint`, `region` and `addressing`.
  ///
  /// - Throws: `FieldError` that names the first key which is missing or not allowed.
  public init(reading reader: FieldReader) throws(FieldError) {
    guard let url = try reader.string("url") else {
      throw reader.wrong("url", nil, "s3://BUCKET or s3://BUCKET/PREFIX")
    }
    let endpoint = try reader.string("endpoint")
    let region = try reader.string("region")
    let addressing = try reader.choice("addressing", of: Addressing.self)
    do throws(FieldError) {
      try self.init(url: url, endpoint: endpoint, region: region, addressing: addressing)
    } catch {
      throw FieldError(field: reader.name(error.field), given: error.given, allowed: error.allowed)
    }
  }
}

extension ObjectStore: CustomStringConvertible {
  /// The place, and where the store is.
  public var description: String { "s3://\(bucket)\(prefix.isEmpty ? "" : "/\(prefix)") at \(scheme)://\(host)" }
}

public import ArenaCore

extension UploadTicket {
  /// Reads a ticket that was written as JSON.
  ///
  /// - Throws: `FieldError` that names the first member which is missing or not allowed. It repeats no URL.
  public init(reading reader: FieldReader) throws(FieldError) {
    guard try reader.integer("version", in: Self.version...Self.version) != nil else {
      throw reader.wrong("version", nil, "\(Self.version)")
    }
    name = try Self.text("name", reader, 255) { DeliveryName.isAllowed($0) && !$0.contains("/") }
    location = try Self.text("location", reader, 2048) { $0.hasPrefix("s3://") }
    guard let expiry = reader.value("expires_at"), let seconds = expiry.double, seconds > 0, seconds < 1e11 else {
      throw reader.wrong("expires_at", reader.value("expires_at"), "seconds since 1970")
    }
    expiresAt = seconds
    guard let bytes = try reader.integer("max_bytes", in: 1...Int64(PartLayout.largestObject)) else {
      throw reader.wrong("max_bytes", nil, "a number of bytes")
    }
    maxBytes = bytes
    headers = try Self.headers(reader)
    put = try Self.url("put", reader)
    head = try Self.url("head", reader)
    get = try Self.url("get", reader)
    multipart = try reader.object("multipart").map { part throws(FieldError) in
      try Self.multipart(part, maxBytes: bytes)
    }
    let origin = put.origin
    let others = [head, get] + (multipart.map { $0.parts + $0.list + [$0.complete, $0.abort] } ?? [])
    guard others.allSatisfy({ $0.origin == origin }) else {
      throw FieldError(field: reader.name("put"), given: "at another host than other URLs", allowed: "all at one host")
    }
  }

  private static func text(
    _ key: String,
    _ reader: FieldReader,
    _ mostBytes: Int,
    _ isAllowed: (String) -> Bool
  ) throws(FieldError) -> String {
    guard let text = try reader.string(key), text.utf8.count <= mostBytes, isPrintable(text), isAllowed(text) else {
      throw reader.wrong(key, reader.value(key), key == "name" ? "the name of a file" : "s3://BUCKET/KEY")
    }
    return text
  }

  private static func isPrintable(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
  }

  private static func headers(_ reader: FieldReader) throws(FieldError) -> [String: String] {
    let key = "headers"
    var headers: [String: String] = [:]
    for (name, value) in try reader.dictionary(key) ?? [:] {
      let isName = !name.isEmpty && name.utf8.count <= 128 && name.utf8.allSatisfy { $0 == 0x2D || isLetterOrDigit($0) }
      guard isName, case .string(let text) = value, text.utf8.count <= 1024, isPrintable(text) else {
        throw FieldError(field: reader.name(key), given: "\(value)", allowed: "strings that can be sent as headers")
      }
      headers[name] = text
    }
    guard headers.count <= 16 else { throw reader.wrong(key, reader.value(key), "at most 16 headers") }
    return headers
  }

  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
    default: false
    }
  }

  private static func url(_ key: String, _ reader: FieldReader) throws(FieldError) -> PresignedURL {
    guard let value = reader.value(key) else { throw reader.wrong(key, nil, "a presigned URL") }
    return try url(value, reader.name(key))
  }

  /// Whatever is wrong with a URL, it is not repeated: it may be good for something.
  private static func url(_ value: JSONValue, _ field: String) throws(FieldError) -> PresignedURL {
    guard case .string(let text) = value, (1...8192).contains(text.utf8.count),
      text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
    else { throw FieldError(field: field, given: "not a URL", allowed: "a URL with http:// or https://") }
    let url = PresignedURL(secretText: text)
    guard url.origin != nil, !text.contains("#") else {
      throw FieldError(
        field: field,
        given: "a URL of another kind",
        allowed: "a URL with http:// or https:// and a host"
      )
    }
    return url
  }

  private static func urls(_ key: String, _ reader: FieldReader, most: Int) throws(FieldError) -> [PresignedURL] {
    let values = try reader.array(key) ?? []
    guard (1...most).contains(values.count) else {
      throw reader.wrong(key, reader.value(key), "an array of 1 to \(most) URLs")
    }
    var urls: [PresignedURL] = []
    for (index, value) in values.enumerated() { urls.append(try url(value, "\(reader.name(key))[\(index)]")) }
    return urls
  }

  private static func multipart(_ reader: FieldReader, maxBytes: Int) throws(FieldError) -> Multipart {
    let allowed = PartLayout.allowedPartBytes
    guard let id = try reader.string("upload_id"), (1...2048).contains(id.utf8.count), isPrintable(id) else {
      throw reader.wrong("upload_id", nil, "the name of an upload")
    }
    guard let partBytes = try reader.integer("part_bytes", in: Int64(allowed.lowerBound)...Int64(allowed.upperBound))
    else { throw reader.wrong("part_bytes", nil, "a number of bytes") }
    let parts = try urls("parts", reader, most: PartLayout.mostParts)
    guard parts.count == PartLayout(size: maxBytes, partBytes: partBytes).count else {
      throw FieldError(
        field: reader.name("parts"),
        given: "an array of \(parts.count)",
        allowed: "as many URLs as max_bytes has parts of part_bytes"
      )
    }
    return Multipart(
      uploadID: id,
      partBytes: partBytes,
      parts: parts,
      list: try urls("list", reader, most: PartLayout.mostParts / ObjectOperation.listedParts),
      complete: try url("complete", reader),
      abort: try url("abort", reader)
    )
  }

  /// The ticket as JSON.
  public var json: JSONValue {
    func text(_ urls: [PresignedURL]) -> JSONValue { .array(urls.map { .string($0.secretText) }) }
    var members: [String: JSONValue] = [
      "version": .integer(Self.version), "name": .string(name), "location": .string(location),
      "expires_at": .number(expiresAt), "max_bytes": .integer(Int64(maxBytes)),
      "headers": .object(headers.mapValues { .string($0) }), "put": .string(put.secretText),
      "head": .string(head.secretText), "get": .string(get.secretText),
    ]
    if let multipart {
      members["multipart"] = .object([
        "upload_id": .string(multipart.uploadID), "part_bytes": .integer(Int64(multipart.partBytes)),
        "parts": text(multipart.parts), "list": text(multipart.list),
        "complete": .string(multipart.complete.secretText), "abort": .string(multipart.abort.secretText),
      ])
    }
    return .object(members)
  }
}

extension UploadTicket: Codable {
  /// Reads and checks a ticket.
  public init(from decoder: any Decoder) throws { try self.init(reading: FieldReader(JSONValue(from: decoder))) }

  /// Writes the whole ticket, URLs included.
  public func encode(to encoder: any Encoder) throws { try json.encode(to: encoder) }
}

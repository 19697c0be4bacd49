internal import GRPCCore

/// What a request's header block says, taken in field by field.
///
/// A connection has one: a header block is never interrupted by another.
struct RequestHead {
  /// The stream whose header block is being received.
  private(set) var streamID: Int32 = 0
  /// Whether these are the fields behind a request's messages, which gRPC has no use for.
  private(set) var isTrailer = false
  /// Size of the fields so far, counted as HTTP/2 counts a header list: 32 bytes for each besides name and value.
  private(set) var size = 0
  /// What the handler gets to see.
  private(set) var metadata = Metadata()
  /// The method, if the server has it.
  private(set) var descriptor: MethodDescriptor?
  /// `grpc-timeout`.
  private(set) var timeout: Duration?
  /// How the request's messages are compressed where their flag says so.
  private(set) var encoding = MessageEncoding.identity
  /// Whether the client takes messages compressed with gzip.
  private(set) var acceptsGzip = false

  private var rejection: RequestRejection?
  private var hasContentType = false

  /// Starts with the header block of a stream.
  mutating func begin(streamID: Int32, isTrailer: Bool) {
    self = RequestHead()
    self.streamID = streamID
    self.isTrailer = isTrailer
  }

  /// Takes one field.
  ///
  /// - Parameter limit: The largest header list that is kept; more of it is counted only.
  /// - Returns: False if the block has become so much too large that the connection should end.
  mutating func add(
    name: UnsafeRawBufferPointer,
    value: UnsafeRawBufferPointer,
    limit: Int,
    methods: MethodTable?,
    cache: inout FieldCache
  ) -> Bool {
    size += name.count + value.count + 32
    guard size <= limit else { return size <= 64 * limit }
    guard !isTrailer else { return true }
    switch RequestField(name) {
    case .method:
      if !value.elementsEqual("POST".utf8) { reject(.notPost) }
    case .path:
      descriptor = methods.map { $0[value] } ?? Self.descriptor(path: value)
      if descriptor == nil {
        reject(.unimplemented("this server has no method \(Self.excerpt(value))"))
      }
    case .contentType:
      hasContentType = true
      if !Self.isGRPC(value) { reject(.notGRPC(contentType: Self.excerpt(value))) }
    case .timeout:
      timeout = GRPCTimeout.parse(value)
      if timeout == nil {
        reject(
          .invalid("grpc-timeout must be one to eight digits and one of H, M, S, m, u, n, not \(Self.excerpt(value))")
        )
      }
    case .encoding:
      if value.elementsEqual("gzip".utf8) {
        encoding = .gzip
      } else if !value.elementsEqual("identity".utf8) {
        reject(
          .unimplemented("messages compressed with \(Self.excerpt(value)) are not supported, only gzip and identity")
        )
      }
    case .acceptEncoding:
      acceptsGzip = String(decoding: value, as: UTF8.self).split(separator: ",").contains { name in
        name.drop { $0 == " " } == "gzip"
      }
    case .transport:
      break
    case .user:
      addMetadata(name: name, value: value, cache: &cache)
    }
    return true
  }

  /// What is wrong with the request; `nil` if its method can be called.
  func problem(limit: Int) -> RequestRejection? {
    if size > limit { return .headersTooLarge(limit: limit) }
    // Whatever else is wrong, a request that is no gRPC is told so first.
    if !hasContentType { return .notGRPC(contentType: "missing") }
    return rejection
  }

  /// Keeps the worst: what HTTP has a status for outweighs what only gRPC has.
  private mutating func reject(_ reason: RequestRejection) {
    if let rejection, rejection.httpStatus >= reason.httpStatus { return }
    rejection = reason
  }

  private mutating func addMetadata(
    name: UnsafeRawBufferPointer,
    value: UnsafeRawBufferPointer,
    cache: inout FieldCache
  ) {
    let key = cache.string(of: name)
    guard name.count >= 4, name.suffix(4).elementsEqual("-bin".utf8) else {
      metadata.addString(cache.string(of: value), forKey: key)
      return
    }
    // Several values may come as one field, joined by commas; each with padding or without.
    for part in value.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
      let text = String(decoding: part.drop { $0 == UInt8(ascii: " ") }, as: UTF8.self)
      guard let bytes = Self.decodeBase64(text) else {
        reject(.invalid("the metadata \(key) must be base64, as the ending of its name says"))
        return
      }
      metadata.addBinary(bytes, forKey: key)
    }
  }

  /// The method that a path names, where it is not known which methods there are.
  private static func descriptor(path: UnsafeRawBufferPointer) -> MethodDescriptor? {
    let parts = path.split(separator: UInt8(ascii: "/"), maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0].isEmpty, !parts[1].isEmpty, !parts[2].isEmpty else { return nil }
    return MethodDescriptor(
      fullyQualifiedService: String(decoding: parts[1], as: UTF8.self),
      method: String(decoding: parts[2], as: UTF8.self)
    )
  }

  private static func decodeBase64(_ text: String) -> [UInt8]? {
    // GRPCCore decodes the strings that it is asked to read as binary, with padding or without.
    let decoder: Metadata = ["v-bin": .string(text)]
    return decoder[binaryValues: "v-bin"].first { _ in true }
  }

  private static func isGRPC(_ value: UnsafeRawBufferPointer) -> Bool {
    let prefix = "application/grpc".utf8
    guard value.starts(with: prefix) else { return false }
    let rest = value.dropFirst(prefix.count)
    return rest.isEmpty || rest.first == UInt8(ascii: ";") || rest.elementsEqual("+proto".utf8)
      || rest.starts(with: "+proto;".utf8)
  }

  /// The beginning of a value, for a message.
  private static func excerpt(_ value: UnsafeRawBufferPointer) -> String {
    String(decoding: value.prefix(200), as: UTF8.self) + (value.count > 200 ? "…" : "")
  }
}

/// What a header field of a request is for.
enum RequestField {
  case method
  case path
  case contentType
  case timeout
  case encoding
  case acceptEncoding
  /// For HTTP or for the transport: no handler sees it.
  case transport
  /// Metadata.
  case user

  /// Tells by the name, which HTTP/2 has in lower case.
  init(_ name: UnsafeRawBufferPointer) {
    switch name.count {
    case 2 where name.elementsEqual("te".utf8): self = .transport
    case 5 where name.elementsEqual(":path".utf8): self = .path
    case 7 where name.elementsEqual(":method".utf8): self = .method
    case 12 where name.elementsEqual("content-type".utf8): self = .contentType
    case 12 where name.elementsEqual("grpc-timeout".utf8): self = .timeout
    case 13 where name.elementsEqual("grpc-encoding".utf8): self = .encoding
    case 14 where name.elementsEqual("content-length".utf8): self = .transport
    case 20 where name.elementsEqual("grpc-accept-encoding".utf8): self = .acceptEncoding
    default: self = name.first == UInt8(ascii: ":") ? .transport : .user
    }
  }
}

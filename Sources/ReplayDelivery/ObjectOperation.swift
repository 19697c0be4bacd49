/// What can be asked of a store about one object. Source: the Amazon S3 API reference.
enum ObjectOperation: Hashable, Sendable {
  /// PutObject.
  case put
  /// CreateMultipartUpload.
  case createUpload
  /// UploadPart, numbered from 1.
  case putPart(Int, upload: String)
  /// ListParts: up to 1000 with greater numbers than this.
  case listParts(after: Int, upload: String)
  /// CompleteMultipartUpload.
  case complete(upload: String)
  /// AbortMultipartUpload.
  case abort(upload: String)
  /// HeadObject.
  case head
  /// GetObject.
  case get

  /// Parts that one listing has at most.
  static let listedParts = 1000

  /// The HTTP method.
  var method: String {
    switch self {
    case .put, .putPart: "PUT"
    case .createUpload, .complete: "POST"
    case .abort: "DELETE"
    case .head: "HEAD"
    case .get, .listParts: "GET"
    }
  }

  /// The query that says what is meant, not encoded.
  var query: [(name: String, value: String)] {
    switch self {
    case .put, .head, .get: []
    case .createUpload: [("uploads", "")]
    case .putPart(let number, let upload): [("partNumber", "\(number)"), ("uploadId", upload)]
    case .listParts(let marker, let upload):
      [("max-parts", "\(Self.listedParts)"), ("part-number-marker", "\(marker)"), ("uploadId", upload)]
    case .complete(let upload), .abort(let upload): [("uploadId", upload)]
    }
  }

  /// Whether the request makes the object, and so says what kind it is.
  var describesObject: Bool { self == .put || self == .createUpload }
}

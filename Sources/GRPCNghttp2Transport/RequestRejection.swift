internal import GRPCCore

/// Why a request is answered without a handler being asked.
struct RequestRejection: Error, Equatable {
  /// The HTTP status: 200 where gRPC's own status says everything.
  var httpStatus = 200
  var code: Status.Code
  var message: String

  static func unimplemented(_ message: String) -> Self { Self(code: .unimplemented, message: message) }

  static func invalid(_ message: String) -> Self { Self(code: .internalError, message: message) }

  static func notGRPC(contentType: String) -> Self {
    Self(
      httpStatus: 415,
      code: .invalidArgument,
      message: "the content-type must be application/grpc or application/grpc+proto, not \(contentType)"
    )
  }

  static let notPost = Self(httpStatus: 405, code: .invalidArgument, message: "gRPC calls are POST requests")

  static func headersTooLarge(limit: Int) -> Self {
    Self(
      httpStatus: 431,
      code: .resourceExhausted,
      message: "the request's headers are larger than \(limit) bytes, which is the most that this server takes"
    )
  }
}

internal import GRPCCore

/// Sends back what it gets, in all four ways.
struct EchoService: Arena_Test_Echo.SimpleServiceProtocol {
  func get(request: Arena_Test_EchoRequest, context: ServerContext) async throws -> Arena_Test_EchoResponse {
    if request.delayMilliseconds > 0 { try await Task.sleep(for: .milliseconds(request.delayMilliseconds)) }
    try Self.endAsAsked(request)
    return .with { $0.payload = request.payload }
  }

  func collect(
    request: RPCAsyncSequence<Arena_Test_EchoRequest, any Error>,
    context: ServerContext
  ) async throws -> Arena_Test_EchoResponse {
    var response = Arena_Test_EchoResponse()
    for try await part in request {
      try Self.endAsAsked(part)
      response.payload += part.payload
    }
    return response
  }

  func expand(
    request: Arena_Test_EchoRequest,
    response: RPCWriter<Arena_Test_EchoResponse>,
    context: ServerContext
  ) async throws {
    for _ in 0..<request.count { try await response.write(.with { $0.payload = request.payload }) }
    try Self.endAsAsked(request)
  }

  func update(
    request: RPCAsyncSequence<Arena_Test_EchoRequest, any Error>,
    response: RPCWriter<Arena_Test_EchoResponse>,
    context: ServerContext
  ) async throws {
    for try await part in request {
      try await response.write(.with { $0.payload = part.payload })
      try Self.endAsAsked(part)
    }
  }

  private static func endAsAsked(_ request: Arena_Test_EchoRequest) throws {
    guard request.status != 0, let code = Status.Code(rawValue: Int(request.status)).flatMap(RPCError.Code.init) else {
      return
    }
    throw RPCError(
      code: code,
      message: request.message,
      metadata: ["reason-bin": .binary([0, 1, 2, 255]), "reason": "asked"]
    )
  }
}

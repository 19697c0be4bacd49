public import GRPCCore

/// Methods for calls that wait, as those for matches do.
public enum WaitMethod {
  /// `bench.Echo/Wait` answers when its client has gone.
  public static let wait = MethodDescriptor(fullyQualifiedService: "bench.Echo", method: "Wait", type: .unary)

  /// `bench.Echo/Arrived` answers once as many calls of `Wait` wait as its message has bytes.
  public static let arrived = MethodDescriptor(fullyQualifiedService: "bench.Echo", method: "Arrived", type: .unary)

  /// Registers both as generated code does.
  static func register<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
    let (arrivals, arrival) = AsyncStream.makeStream(of: Void.self)
    let bytes = EchoMethod.Bytes()
    router.registerHandler(forMethod: wait, deserializer: bytes, serializer: bytes) { request, context in
      let request = try await ServerRequest(stream: request)
      arrival.yield()
      try await context.cancellation.cancelled
      return StreamingServerResponse(single: ServerResponse(message: request.message))
    }
    router.registerHandler(forMethod: arrived, deserializer: bytes, serializer: bytes) { request, _ in
      var missing = try await ServerRequest(stream: request).message.count
      for await _ in arrivals {
        missing -= 1
        if missing == 0 { break }
      }
      return StreamingServerResponse(single: ServerResponse(message: []))
    }
  }
}

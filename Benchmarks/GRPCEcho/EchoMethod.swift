public import GRPCCore

/// The method that is called: it returns the bytes that it gets.
public enum EchoMethod {
  /// `bench.Echo/Get`.
  public static let descriptor = MethodDescriptor(fullyQualifiedService: "bench.Echo", method: "Get", type: .unary)

  /// Messages are bytes, so that no codec is measured.
  public struct Bytes: MessageSerializer, MessageDeserializer {
    /// A codec without state.
    public init() {}

    /// Takes the bytes as they are.
    public func serialize<Contiguous: GRPCContiguousBytes>(_ message: [UInt8]) throws -> Contiguous {
      Contiguous(message)
    }

    /// Takes the bytes as they are.
    public func deserialize<Contiguous: GRPCContiguousBytes>(_ bytes: Contiguous) throws -> [UInt8] {
      bytes.withUnsafeBytes { [UInt8]($0) }
    }
  }

  /// Registers the method as generated code does.
  static func register<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
    router.registerHandler(forMethod: descriptor, deserializer: Bytes(), serializer: Bytes()) { request, _ in
      let request = try await ServerRequest(stream: request)
      return StreamingServerResponse(single: ServerResponse(message: request.message))
    }
  }
}

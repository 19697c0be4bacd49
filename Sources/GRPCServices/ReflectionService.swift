public import GRPCCore
internal import GRPCProtobuf
internal import SwiftProtobuf

/// `grpc.reflection.v1.ServerReflection`: tells tools such as grpcurl which services a server has and what their messages are.
///
/// The older `v1alpha` has the same messages and is served too.
public struct ReflectionService: RegistrableRPCService {
  private let index: DescriptorIndex

  /// Tells of these services.
  ///
  /// - Parameters:
  ///   - services: The full names of the services to list. Reflection itself is listed besides.
  ///   - descriptors: `google.protobuf.FileDescriptorSet`s, serialized, that hold them and all that their files import.
  /// - Throws: `SwiftProtobufError` if a descriptor set cannot be read.
  public init(services: [String], descriptors: [[UInt8]]) throws {
    index = try DescriptorIndex(
      services: services + ["grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"],
      descriptors: descriptors + [ServiceDescriptors.fileDescriptorSet]
    )
  }

  /// Makes the methods of both versions known to a server.
  public func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
    for version in ["v1", "v1alpha"] {
      router.registerHandler(
        forMethod: MethodDescriptor(
          fullyQualifiedService: "grpc.reflection.\(version).ServerReflection",
          method: "ServerReflectionInfo",
          type: .bidirectionalStreaming
        ),
        deserializer: ProtobufDeserializer<Grpc_Reflection_V1_ServerReflectionRequest>(),
        serializer: ProtobufSerializer<Grpc_Reflection_V1_ServerReflectionResponse>()
      ) { [index] request, _ in
        StreamingServerResponse { writer in
          for try await question in request.messages { try await writer.write(index.answer(to: question)) }
          return [:]
        }
      }
    }
  }
}

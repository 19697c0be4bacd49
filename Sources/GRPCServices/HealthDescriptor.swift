/// What `ReflectionService` needs to tell of `HealthService`.
public enum HealthDescriptor {
  /// The full name of the service.
  public static let service = "grpc.health.v1.Health"

  /// A serialized `google.protobuf.FileDescriptorSet`.
  public static var fileDescriptorSet: [UInt8] { ServiceDescriptors.fileDescriptorSet }
}

internal import ArgumentParser

/// The transports that are compared.
enum GRPCServerKind: String, CaseIterable, ExpressibleByArgument {
  /// This project's.
  case nghttp2
  /// grpc-swift-nio-transport's.
  case nio
}

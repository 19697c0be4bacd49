public import AgentValidation
public import Environments
public import GRPCCore
public import Logging

/// RL Arena's service `executor.Executor`, in front of whatever plays the matches.
public struct ExecutorService: RegistrableRPCService {
  /// The service's full name.
  public static let name = "executor.Executor"
  /// A `google.protobuf.FileDescriptorSet` with the service, serialized.
  public static var descriptors: [UInt8] { ExecutorDescriptor.fileDescriptorSet }

  let backend: any MatchBackend
  let validator: AgentValidator
  let reader: RequestReader
  let logger: Logger

  /// A service.
  ///
  /// - Parameters:
  ///   - backend: plays the matches.
  ///   - validator: reads agents for `ValidateAgent`.
  ///   - registry: the games that may be asked for.
  ///   - defaults: what holds where a request says nothing.
  public init(
    backend: any MatchBackend,
    validator: AgentValidator,
    registry: EnvironmentRegistry = .standard,
    defaults: MatchDefaults = MatchDefaults(),
    logger: Logger
  ) {
    self.backend = backend
    self.validator = validator
    reader = RequestReader(registry: registry, defaults: defaults)
    self.logger = logger
  }

  /// Makes the methods known to a server.
  public func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
    ExecutorMethods(service: self).registerMethods(with: &router)
  }
}

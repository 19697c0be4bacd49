import AgentValidation
import ArenaConfiguration
import ArenaCore
import ArenaLogging
import GRPCCore
import GRPCNghttp2Transport
import GRPCServices
import Logging
import MatchExecutor
import ServiceLifecycle

/// The service as it is configured, from its start to the signal that ends it.
struct ExecutorServer {
  private let effective: EffectiveConfiguration
  private let logger: Logger

  private var configuration: ExecutorConfiguration { effective.configuration }

  /// Streams that never end by themselves, such as that of somebody who watches the service's health, are ended after this time once
  /// all matches are over.
  private static let lastCallsTimeout = Duration.seconds(2)
  /// What a request may take beyond an agent's archive.
  private static let requestMargin = 64 << 10

  /// A service that logs as configured.
  init(_ effective: EffectiveConfiguration) {
    self.effective = effective
    let settings = effective.configuration.logging
    LoggingSystem.bootstrap { label in
      switch settings.format {
      case .json: return JSONLogHandler(level: settings.level)
      case .text:
        var handler = StreamLogHandler.standardError(label: label)
        handler.logLevel = settings.level
        return handler
      }
    }
    logger = Logger(label: "executor")
  }

  /// Serves until SIGTERM or SIGINT comes and the matches are over, or called off.
  ///
  /// - Throws: `FieldError`, `SandboxError` or `RuntimeError` if it cannot be begun, or fails.
  func run() async throws {
    for warning in effective.warnings { logger.warning("\(warning)") }
    guard !configuration.executor.useKubernetes else {
      throw FieldError(
        field: "executor.use_k8s",
        given: "true, and this version plays matches on its own machine only",
        allowed: "false"
      )
    }
    let rules = configuration.validation
    let validator = try await AgentValidator(
      rules: rules,
      sandbox: configuration.sandbox.kind,
      python: configuration.sandbox.python,
      temporaryFolder: configuration.sandbox.temporaryDirectory
    )
    let backend = try await LocalBackend(localOptions(validator), logger: logger)
    for note in backend.notes + validator.notes { logger.info("\(note)") }
    let service = ExecutorService(
      backend: backend,
      validator: validator,
      defaults: MatchDefaults(
        limits: configuration.resources.limits,
        maxStepsPerMatch: configuration.resources.maxStepsPerMatch
      ),
      logger: logger
    )
    let health = HealthService()
    health.setStatus(.serving, of: ExecutorService.name)
    let transport = try transport(validator)
    var services: [any RegistrableRPCService] = [service, health]
    if configuration.executor.reflection {
      services.append(
        try ReflectionService(
          services: [ExecutorService.name, "grpc.health.v1.Health"],
          descriptors: [ExecutorService.descriptors]
        )
      )
    }
    let server = ServerLifecycle(server: GRPCServer(transport: transport, services: services), logger: logger) {
      try await transport.listeningAddress.description
    }
    let matches = MatchesLifecycle(backend: backend, health: health, patience: configuration.executor.drainTimeout)
    // They are told to end from the last to the first, each when those after it have ended.
    let group = ServiceGroup(
      configuration: ServiceGroupConfiguration(
        services: [.init(service: server), .init(service: matches)],
        gracefulShutdownSignals: [.sigterm, .sigint],
        logger: logger
      )
    )
    try await group.run()
    logger.info("ended")
  }

  private func localOptions(_ validator: AgentValidator) -> LocalOptions {
    var options = LocalOptions()
    options.sandbox = configuration.sandbox.kind
    options.python = configuration.sandbox.python
    options.agentLimits = { [resources = configuration.resources] in resources.sandboxLimits(agents: $0) }
    options.temporaryFolder = configuration.sandbox.temporaryDirectory
    options.archiveLimits = validator.archiveLimits
    options.replayRoot = configuration.replay.directory
    options.replayForms = configuration.replay.formats
    options.replayOptions = configuration.replay.options
    options.mostPlayed = configuration.executor.maxConcurrentMatches
    options.mostQueued = configuration.executor.maxQueuedMatches
    options.resultRetention = configuration.executor.resultRetention
    return options
  }

  private func transport(_ validator: AgentValidator) throws -> Nghttp2ServerTransport {
    let settings = configuration.executor
    var transport = TransportConfiguration()
    transport.messages.maxRequestBytes = max(
      transport.messages.maxRequestBytes,
      validator.archiveLimits.archiveBytes + Self.requestMargin
    )
    transport.connections.maxAge = settings.maxConnectionAge
    transport.connections.drainTimeout = Self.lastCallsTimeout
    let security: TransportSecurity
    if let tls = settings.tls {
      do {
        security = try .tls(
          certificateChain: tls.certificateChain,
          privateKey: tls.privateKey,
          clientRoots: tls.clientRoots
        )
      } catch {
        throw FieldError(
          field: "executor.tls",
          given: "not usable (\(error))",
          allowed: "paths of a certificate chain and its key, as PEM"
        )
      }
    } else {
      security = .plaintext
    }
    return Nghttp2ServerTransport(
      address: .host(settings.host, port: settings.port),
      security: security,
      configuration: transport
    )
  }
}

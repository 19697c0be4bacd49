internal import ArenaCore

/// The section `executor`: where the service listens, and how many matches it takes.
public struct ServiceSettings: Sendable, Equatable {
  /// Files of the service's TLS, as PEM.
  public struct TLS: Sendable, Equatable {
    /// Path of the service's certificate, followed by those that lead to its root (`tls.certificate_chain`).
    public var certificateChain: String
    /// Path of the certificate's key (`tls.private_key`).
    public var privateKey: String
    /// Path of the certificates that clients' must lead to; nil for clients without a certificate (`tls.client_roots`).
    public var clientRoots: String?

    /// The files at these paths.
    public init(certificateChain: String, privateKey: String, clientRoots: String? = nil) {
      self.certificateChain = certificateChain
      self.privateKey = privateKey
      self.clientRoots = clientRoots
    }
  }

  /// The address to listen on (`host`).
  public var host = "0.0.0.0"
  /// The port to listen on; 0 for one that the system chooses (`port`).
  public var port = 50_051
  /// Whether matches are Kubernetes Jobs; else they are processes on this machine (`use_k8s`).
  public var useKubernetes = true
  /// Matches that play at a time on this machine (`max_concurrent_matches`). By default half as many as there are processors, rounded up,
  /// since two agents think at a time.
  public var maxConcurrentMatches: Int
  /// Matches that may wait for others to end (`max_queued_matches`).
  public var maxQueuedMatches = 10_000
  /// How long the result of a finished match is kept (`result_retention_sec`).
  public var resultRetention: Duration = .seconds(3600)
  /// How long calls in flight may take to finish once the service is told to end (`drain_timeout_sec`).
  public var drainTimeout: Duration = .seconds(30)
  /// Age at which a connection takes no new calls; nil for any age (`max_connection_age_sec`).
  public var maxConnectionAge: Duration?
  /// The service's TLS; nil for none.
  public var tls: TLS?
  /// Whether clients may ask which services there are (`reflection`).
  public var reflection = true

  /// The defaults on a machine with `processors` processors.
  public init(processors: Int) {
    maxConcurrentMatches = max(1, (processors + 1) / 2)
  }

  init(_ reading: inout ConfigurationReading, processors: Int) {
    self.init(processors: processors)
    host = reading.text("executor.host", or: host)
    port = reading.integer("executor.port", in: 0...65_535, or: port)
    useKubernetes = reading.bool("executor.use_k8s", or: useKubernetes)
    maxConcurrentMatches = reading.integer(
      "executor.max_concurrent_matches",
      in: 1...100_000,
      or: maxConcurrentMatches
    )
    maxQueuedMatches = reading.integer("executor.max_queued_matches", in: 0...1_000_000, or: maxQueuedMatches)
    resultRetention = reading.seconds("executor.result_retention_sec", in: 0...2_592_000, or: resultRetention)
    drainTimeout = reading.seconds("executor.drain_timeout_sec", in: 0...86_400, or: drainTimeout)
    maxConnectionAge = reading.seconds("executor.max_connection_age_sec", in: 1...31_536_000)
    tls = Self.tls(&reading)
    reflection = reading.bool("executor.reflection", or: reflection)
  }

  private static func tls(_ reading: inout ConfigurationReading) -> TLS? {
    let section = "executor.tls"
    let chain = reading.text("\(section).certificate_chain")
    let key = reading.text("\(section).private_key")
    let roots = reading.text("\(section).client_roots")
    switch (chain, key) {
    case (let chain?, let key?): return TLS(certificateChain: chain, privateKey: key, clientRoots: roots)
    case (nil, nil) where roots == nil: return nil
    default:
      let missing = [chain == nil ? "certificate_chain" : nil, key == nil ? "private_key" : nil].compactMap { $0 }
      reading.refuse(
        FieldError(
          field: section,
          given: "without \(missing.joined(separator: " and "))",
          allowed: "with certificate_chain and private_key, or be left out"
        )
      )
      return nil
    }
  }
}

internal import NIOCore

/// When a connection pings, drains and ends: a state machine without input or output.
struct ConnectionLifecycle {
  /// What is to be done.
  enum Action: Equatable {
    /// Send a ping.
    case ping(Ping)
    /// Announce the end: a GOAWAY that allows every stream and, behind it, a ping of the kind `drain`. The answer to that tells
    /// that the client knows.
    case announceEnd
    /// A GOAWAY with the last stream that is served.
    case refuseNewCalls
    /// End the calls in flight with `UNAVAILABLE`.
    case endCalls
    /// Close the connection, whatever is left.
    case close
    /// End the connection because of too many pings.
    case complainAboutPings
  }

  /// What a ping is for. The raw value is its payload.
  enum Ping: UInt64, Equatable {
    case keepalive = 0x6b65_6570_616c_6976
    case drain = 0x6472_6169_6e69_6e67
  }

  private enum Drain {
    case no
    /// The end is to be announced once HTTP/2 is set up: a client in the middle of that may have calls on their way.
    case afterSetup
    /// The end is announced; without an answer to the ping new calls are refused at this time.
    case announced(NIODeadline)
    case refusing
  }

  /// How long ended calls may take to reach a client before the connection is closed.
  private static let parting = TimeAmount.seconds(5)

  private let rules: ConnectionRules
  private let keepalive: KeepaliveRules
  private var pings: PingPolicy
  private var setupDeadline: NIODeadline?
  private var ageDeadline: NIODeadline?
  private var lastRead: NIODeadline
  /// When an answer to the keepalive ping must have come.
  private var pingDeadline: NIODeadline?
  private var idleSince: NIODeadline?
  private var drain = Drain.no
  private var endCallsAt: NIODeadline?
  private var closeAt: NIODeadline?
  /// Whether the connection was told to close: there is nothing left to do for time.
  private var isEnded = false
  private(set) var openCalls = 0

  /// A connection that was just made.
  ///
  /// - Parameter jitter: What the maximum age is multiplied with, so that connections made at once do not end at once.
  init(configuration: TransportConfiguration, now: NIODeadline, jitter: Double) {
    rules = configuration.connections
    keepalive = configuration.keepalive
    pings = PingPolicy(keepalive)
    lastRead = now
    idleSince = now
    setupDeadline = now + TimeAmount(bounded: rules.setupTimeout)
    if let age = rules.maxAge { ageDeadline = now + TimeAmount(bounded: age * jitter) }
  }

  /// Whether new calls are refused.
  var isRefusing: Bool { if case .refusing = drain { true } else { false } }

  /// Whether nothing keeps the connection.
  var isDone: Bool { isRefusing && openCalls == 0 }

  /// The client's settings are there: HTTP/2 is set up.
  mutating func settingsArrived(now: NIODeadline) -> [Action] {
    guard setupDeadline != nil else { return [] }
    setupDeadline = nil
    idleSince = openCalls == 0 ? now : nil
    guard case .afterSetup = drain else { return [] }
    drain = .no
    return startDraining(now: now)
  }

  /// Something came in, so the client is alive.
  ///
  /// - Returns: Whether the next alarm is another than before.
  mutating func bytesArrived(now: NIODeadline) -> Bool {
    lastRead = now
    guard pingDeadline != nil else { return false }
    pingDeadline = nil
    return true
  }

  mutating func callStarted() {
    openCalls += 1
    idleSince = nil
  }

  mutating func callEnded(now: NIODeadline) {
    openCalls -= 1
    if openCalls == 0 { idleSince = now }
  }

  /// Headers or messages were sent.
  mutating func responseSent() { pings.responseSent() }

  mutating func pingArrived(now: NIODeadline) -> [Action] {
    guard !isEnded, !pings.pingArrived(openCalls: openCalls, now: now) else { return [] }
    isEnded = true
    return [.complainAboutPings]
  }

  /// A ping of ours was answered.
  mutating func pingAnswered(_ payload: UInt64) -> [Action] {
    guard case .announced = drain, payload == Ping.drain.rawValue else { return [] }
    return refuse()
  }

  /// The server stops.
  mutating func shutDown(now: NIODeadline) -> [Action] {
    if let timeout = rules.drainTimeout { endCalls(at: now + TimeAmount(bounded: timeout)) }
    return startDraining(now: now)
  }

  /// Time has passed.
  mutating func tick(now: NIODeadline) -> [Action] {
    guard !isEnded else { return [] }
    let isCutOff = setupDeadline != nil && isDue(endCallsAt, now)
    if isCutOff || isDue(setupDeadline, now) || isDue(closeAt, now) || isDue(pingDeadline, now) {
      isEnded = true
      return [.close]
    }
    var actions: [Action] = []
    if setupDeadline == nil, isDue(ageDeadline, now) {
      ageDeadline = nil
      actions += startDraining(now: now)
      if let grace = rules.maxAgeGrace { endCalls(at: now + TimeAmount(bounded: grace)) }
    }
    if isDue(idleDeadline, now) {
      idleSince = nil
      actions += startDraining(now: now)
    }
    if case .announced(let deadline) = drain, deadline <= now { actions += refuse() }
    if isDue(endCallsAt, now) {
      endCallsAt = nil
      closeAt = now + Self.parting
      actions += refuse() + [.endCalls]
    }
    if isDue(keepaliveDeadline, now) {
      pingDeadline = now + TimeAmount(bounded: keepalive.timeout)
      actions.append(.ping(.keepalive))
    }
    return actions
  }

  /// When `tick` has something to do.
  var nextAlarm: NIODeadline? {
    guard !isEnded else { return nil }
    var next: NIODeadline?
    func consider(_ time: NIODeadline?) {
      if let time, time < next ?? .distantFuture { next = time }
    }
    consider(setupDeadline)
    if setupDeadline == nil { consider(ageDeadline) }
    consider(idleDeadline)
    consider(pingDeadline)
    consider(keepaliveDeadline)
    consider(endCallsAt)
    consider(closeAt)
    if case .announced(let deadline) = drain { consider(deadline) }
    return next
  }

  private var idleDeadline: NIODeadline? {
    guard setupDeadline == nil, let idleSince, let limit = rules.maxIdle, case .no = drain else { return nil }
    return idleSince + TimeAmount(bounded: limit)
  }

  /// No ping is sent before HTTP/2 is set up, nor while one is unanswered.
  private var keepaliveDeadline: NIODeadline? {
    setupDeadline == nil && pingDeadline == nil ? lastRead + TimeAmount(bounded: keepalive.interval) : nil
  }

  private func isDue(_ time: NIODeadline?, _ now: NIODeadline) -> Bool { time.map { $0 <= now } ?? false }

  private mutating func endCalls(at time: NIODeadline) { endCallsAt = min(endCallsAt ?? time, time) }

  private mutating func startDraining(now: NIODeadline) -> [Action] {
    guard case .no = drain else { return [] }
    if let deadline = setupDeadline {
      drain = .afterSetup
      setupDeadline = min(deadline, now + TimeAmount(bounded: rules.announcement))
      return []
    }
    drain = .announced(now + TimeAmount(bounded: rules.announcement))
    return [.announceEnd]
  }

  private mutating func refuse() -> [Action] {
    if case .refusing = drain { return [] }
    drain = .refusing
    return [.refuseNewCalls]
  }
}

import NIOCore
import Testing

@testable import GRPCNghttp2Transport

/// Time is a number here: nothing waits.
@Suite("A connection's life")
struct ConnectionLifecycleTests {
  private static let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

  private static func at(_ seconds: Int64) -> NIODeadline { start + .seconds(seconds) }

  private static func connection(
    isSetUp: Bool = true,
    _ change: (inout TransportConfiguration) -> Void = { _ in }
  ) -> ConnectionLifecycle {
    var configuration = TransportConfiguration()
    change(&configuration)
    var connection = ConnectionLifecycle(configuration: configuration, now: start, jitter: 1)
    if isSetUp { _ = connection.settingsArrived(now: start) }
    return connection
  }

  @Test("ends if the client does not set up HTTP/2 in time")
  func setup() {
    var connection = Self.connection(isSetUp: false)
    #expect(connection.nextAlarm == Self.at(10))
    #expect(connection.tick(now: Self.at(9)).isEmpty)
    _ = connection.bytesArrived(now: Self.at(9))
    #expect(connection.tick(now: Self.at(10)) == [.close])
  }

  @Test("is told once to close, and then needs no time any more")
  func end() {
    var silent = Self.connection(isSetUp: false)
    #expect(silent.tick(now: Self.at(10)) == [.close])
    #expect(silent.nextAlarm == nil)
    #expect(silent.tick(now: Self.at(11)).isEmpty)
    var noisy = Self.connection()
    for _ in 0..<3 { _ = noisy.pingArrived(now: Self.at(1)) }
    #expect(noisy.pingArrived(now: Self.at(1)) == [.complainAboutPings])
    #expect(noisy.pingArrived(now: Self.at(1)).isEmpty)
    #expect(noisy.nextAlarm == nil)
  }

  @Test("is kept alive by pings, and ends when one is not answered")
  func keepalive() {
    var connection = Self.connection { configuration in
      configuration.keepalive.interval = .seconds(60)
      configuration.keepalive.timeout = .seconds(20)
    }
    #expect(connection.bytesArrived(now: Self.at(5)) == false)
    #expect(connection.nextAlarm == Self.at(65))
    #expect(connection.tick(now: Self.at(64)).isEmpty)
    #expect(connection.tick(now: Self.at(65)) == [.ping(.keepalive)])
    #expect(connection.nextAlarm == Self.at(85))
    #expect(connection.bytesArrived(now: Self.at(66)) == true, "the next ping is due before the answer would have been")
    #expect(connection.nextAlarm == Self.at(126))
    #expect(connection.tick(now: Self.at(126)) == [.ping(.keepalive)])
    #expect(connection.tick(now: Self.at(145)).isEmpty)
    #expect(connection.tick(now: Self.at(146)) == [.close])
  }

  @Test("that is too old drains, and cuts no call in flight")
  func age() {
    var connection = Self.connection { $0.connections.maxAge = .seconds(100) }
    connection.callStarted()
    #expect(connection.tick(now: Self.at(100)) == [.announceEnd])
    #expect(!connection.isRefusing)
    connection.callStarted()
    #expect(connection.pingAnswered(ConnectionLifecycle.Ping.keepalive.rawValue).isEmpty)
    #expect(connection.pingAnswered(ConnectionLifecycle.Ping.drain.rawValue) == [.refuseNewCalls])
    #expect(connection.isRefusing && !connection.isDone)
    _ = connection.bytesArrived(now: Self.at(100_000))
    #expect(connection.tick(now: Self.at(100_000)).isEmpty)
    connection.callEnded(now: Self.at(100_001))
    #expect(!connection.isDone)
    connection.callEnded(now: Self.at(100_002))
    #expect(connection.isDone)
  }

  @Test("that is too old before it is set up is given the time to be")
  func ageBeforeSetup() {
    var connection = Self.connection(isSetUp: false) { $0.connections.maxAge = .seconds(1) }
    #expect(connection.nextAlarm == Self.at(10))
    #expect(connection.tick(now: Self.at(5)).isEmpty)
    #expect(connection.settingsArrived(now: Self.at(5)).isEmpty)
    #expect(connection.tick(now: Self.at(5)) == [.announceEnd])
  }

  @Test("that drains does not wait for ever for a client that does not answer")
  func unansweredDrain() {
    var connection = Self.connection()
    #expect(connection.shutDown(now: Self.at(1)) == [.announceEnd])
    #expect(connection.shutDown(now: Self.at(2)).isEmpty)
    #expect(connection.nextAlarm == Self.at(6))
    #expect(connection.tick(now: Self.at(6)) == [.refuseNewCalls])
    #expect(connection.isDone)
  }

  @Test("ends its calls once the time to drain is over, then closes")
  func drainTimeout() {
    var connection = Self.connection { $0.connections.drainTimeout = .seconds(30) }
    connection.callStarted()
    _ = connection.shutDown(now: Self.at(0))
    _ = connection.pingAnswered(ConnectionLifecycle.Ping.drain.rawValue)
    #expect(connection.tick(now: Self.at(29)).isEmpty)
    #expect(connection.tick(now: Self.at(30)) == [.endCalls])
    #expect(connection.tick(now: Self.at(34)).isEmpty)
    #expect(connection.tick(now: Self.at(35)) == [.close])
  }

  @Test("gives calls on a connection that is too old the grace they were given")
  func ageGrace() {
    var connection = Self.connection { configuration in
      configuration.connections.maxAge = .seconds(10)
      configuration.connections.maxAgeGrace = .seconds(20)
    }
    connection.callStarted()
    #expect(connection.tick(now: Self.at(10)) == [.announceEnd])
    #expect(connection.tick(now: Self.at(30)) == [.refuseNewCalls, .endCalls])
  }

  @Test("ends when it is idle for too long, and counts from the last call's end")
  func idle() {
    var connection = Self.connection { $0.connections.maxIdle = .seconds(10) }
    connection.callStarted()
    #expect(connection.tick(now: Self.at(50)).isEmpty)
    connection.callEnded(now: Self.at(50))
    #expect(connection.tick(now: Self.at(59)).isEmpty)
    #expect(connection.tick(now: Self.at(60)) == [.announceEnd])
  }

  @Test("that is being set up when the server stops hears of it once it is")
  func stopBeforeSetup() {
    var connection = Self.connection(isSetUp: false)
    #expect(connection.shutDown(now: Self.at(1)).isEmpty)
    #expect(connection.nextAlarm == Self.at(6), "it has not all the time that it would have had")
    #expect(connection.settingsArrived(now: Self.at(2)) == [.announceEnd])
    #expect(connection.pingAnswered(ConnectionLifecycle.Ping.drain.rawValue) == [.refuseNewCalls])
    #expect(connection.isDone)
  }

  @Test("that is not set up soon after the server stops, or when its calls would be ended, is closed")
  func silenceAtStop() {
    var silent = Self.connection(isSetUp: false)
    _ = silent.shutDown(now: Self.at(1))
    #expect(silent.tick(now: Self.at(6)) == [.close])
    var slow = Self.connection(isSetUp: false) { $0.connections.drainTimeout = .seconds(2) }
    _ = slow.shutDown(now: Self.at(1))
    #expect(slow.tick(now: Self.at(3)) == [.close])
  }

  @Test("that drains because of its age ends its calls in time when the server stops too")
  func stopWhileDraining() {
    var connection = Self.connection { configuration in
      configuration.connections.maxAge = .seconds(10)
      configuration.connections.drainTimeout = .seconds(30)
    }
    connection.callStarted()
    #expect(connection.tick(now: Self.at(10)) == [.announceEnd])
    _ = connection.pingAnswered(ConnectionLifecycle.Ping.drain.rawValue)
    #expect(connection.shutDown(now: Self.at(20)).isEmpty)
    #expect(connection.nextAlarm == Self.at(50))
    #expect(connection.tick(now: Self.at(50)) == [.endCalls])
  }

  @Test("takes a deadline of centuries")
  func longTimes() {
    let connection = Self.connection { configuration in
      configuration.connections.maxAge = .seconds(Int64.max)
      configuration.keepalive.interval = .seconds(Int64.max)
    }
    #expect(connection.nextAlarm.map { $0 > Self.at(86400) } == true)
    #expect(Self.start + TimeAmount(bounded: .seconds(99_999_999 * 3600)) > Self.start)
  }

  @Test("ends when the client pings too often, while calls run or not")
  func pings() {
    var connection = Self.connection { $0.keepalive.minimumClientInterval = .seconds(10) }
    connection.callStarted()
    for second in [0, 10, 20, 30] as [Int64] { #expect(connection.pingArrived(now: Self.at(second)).isEmpty) }
    #expect(connection.pingArrived(now: Self.at(31)).isEmpty)
    #expect(connection.pingArrived(now: Self.at(32)).isEmpty)
    #expect(connection.pingArrived(now: Self.at(33)) == [.complainAboutPings])
    connection.responseSent()
    #expect(connection.pingArrived(now: Self.at(34)).isEmpty)
  }

  @Test(
    "lets pings without calls be hours apart, or as often as others where that is allowed",
    arguments: [false, true]
  )
  func pingsWithoutCalls(allowed: Bool) {
    var connection = Self.connection { configuration in
      configuration.keepalive.minimumClientInterval = .seconds(10)
      configuration.keepalive.allowsPingsWithoutCalls = allowed
    }
    var actions: [ConnectionLifecycle.Action] = []
    for ping in 0..<4 { actions += connection.pingArrived(now: Self.at(Int64(ping) * 60)) }
    #expect(actions == (allowed ? [] : [.complainAboutPings]))
  }
}

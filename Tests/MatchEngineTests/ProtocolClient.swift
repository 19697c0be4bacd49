import AgentProtocol
import ArenaCore
import ArenaSystem
import Foundation
import Glibc

/// The agent's side of the protocol, on a blocking socket, for threads of their own.
final class ProtocolClient: Sendable {
  /// A frame from the orchestrator.
  struct Frame {
    var kind: FrameKind
    var sequence: UInt64
    var payload: [UInt8]
  }

  /// An observation.
  struct Observation {
    var sequence: UInt64
    var prefix: ObservePayload
    var observation: [UInt8]
    var mask: [UInt8]

    /// The observation's first number.
    var first: Int64 { observation.span.bytes.integer(at: 0, as: Int64.self) }
  }

  /// What came of one agent's match, as the agent saw it.
  struct Story: Sendable {
    var welcome: WelcomePayload?
    var resets: [ResetPayload] = []
    var finishes: [FinishPayload] = []
    var sequences: [UInt64] = []
    var rewards: [Double] = []
    var error: String?
  }

  private let socket: Int32

  /// Connects to the socket at `path`; nil where nobody listens.
  init?(path: String) {
    socket = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(O_CLOEXEC), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let connected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard connected == 0 else { return nil }
  }

  deinit { close(socket) }

  /// Sends all of `bytes`, if anybody is there.
  func send(_ bytes: [UInt8]) {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { return }
      sent += count
    }
  }

  /// The next `count` bytes; nil at the end of the connection.
  func receive(_ count: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    var received = 0
    while received < count {
      let more = bytes.withUnsafeMutableBytes { recv(socket, $0.baseAddress! + received, count - received, 0) }
      guard more > 0 else { return nil }
      received += more
    }
    return bytes
  }

  /// The next frame; nil at the end of the connection.
  func next() -> Frame? {
    guard let header = receive(FrameHeader.size) else { return nil }
    let bytes = header.span.bytes
    guard let kind = FrameKind(rawValue: header[4]),
      let payload = receive(Int(bytes.integer(at: 0, as: UInt32.self)))
    else { return nil }
    return Frame(kind: kind, sequence: bytes.integer(at: 8, as: UInt64.self), payload: payload)
  }

  /// Sends an action of one number.
  func act(_ sequence: UInt64, _ action: Int64) { send(Self.act(sequence, action)) }

  /// An `act` frame with one number.
  static func act(_ sequence: UInt64, _ action: Int64) -> [UInt8] {
    var frame = [UInt8](repeating: 0, count: 32)
    withUnsafeBytes(of: action.littleEndian) { action in
      frame.withUnsafeMutableBytes { buffer in
        var span = buffer.mutableBytes
        ActPayload.write(to: &span, sequence: sequence, cpuTimeNanoseconds: 5, action: action.bytes)
      }
    }
    return frame
  }

  /// Plays a whole match on a thread of its own.
  ///
  /// - Parameters:
  ///   - onReset: what it sends for a reset; `ready` by default.
  ///   - answer: what it does with each observation; false ends its connection.
  static func play(
    _ path: String,
    onReset: @escaping @Sendable (ProtocolClient, UInt64) -> Void = { client, sequence in
      client.send(ControlFrame.encode(.ready, sequence: sequence, ReadyPayload()))
    },
    answer: @escaping @Sendable (ProtocolClient, Observation) -> Bool
  ) async -> Story {
    await withCheckedContinuation { continuation in
      do throws(SystemFailure) {
        try DedicatedThread.start("test-agent") {
          continuation.resume(returning: run(path, onReset, answer))
        }
      } catch {
        preconditionFailure("no thread: \(error)")
      }
    }
  }

  private static func run(
    _ path: String,
    _ onReset: (ProtocolClient, UInt64) -> Void,
    _ answer: (ProtocolClient, Observation) -> Bool
  ) -> Story {
    var story = Story()
    guard let client = ProtocolClient(path: path) else { return story }
    client.send(ControlFrame.encode(.hello, HelloPayload(protocolVersions: [1], host: "test/1")))
    while let frame = client.next() {
      switch frame.kind {
      case .welcome:
        story.welcome = try? ControlFrame.decode(WelcomePayload.self, .welcome, payload: frame.payload)
        client.send(ControlFrame.encode(.ready, ReadyPayload(loadTimeNanoseconds: 1)))
      case .reset:
        if let reset = try? ControlFrame.decode(ResetPayload.self, .reset, payload: frame.payload) {
          story.resets.append(reset)
        }
        onReset(client, frame.sequence)
      case .observe:
        guard let welcome = story.welcome else { return story }
        let prefix = ObservePayload(frame.payload.span.bytes)
        let end = ObservePayload.prefixSize + welcome.observation.size
        story.sequences.append(frame.sequence)
        story.rewards.append(prefix.reward)
        let observation = Observation(
          sequence: frame.sequence,
          prefix: prefix,
          observation: Array(frame.payload[ObservePayload.prefixSize..<end]),
          mask: Array(frame.payload[end...])
        )
        guard answer(client, observation) else { return story }
      case .finish:
        if let finish = try? ControlFrame.decode(FinishPayload.self, .finish, payload: frame.payload) {
          story.finishes.append(finish)
        }
      case .error:
        story.error = try? ControlFrame.decode(ErrorPayload.self, .error, payload: frame.payload).message
      case .hello, .ready, .act, .log, .note: return story
      }
    }
    return story
  }
}

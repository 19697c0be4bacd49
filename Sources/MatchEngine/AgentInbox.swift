internal import AgentProtocol
internal import ArenaCore
internal import Dispatch
internal import Synchronization

/// Parses JSON payloads off the match loop, and hands the loop what it must know.
///
/// One agent's chatter thus never costs another one time: the loop only copies the bytes.
final class AgentInbox: Sendable {
  /// Something for the loop.
  enum Event: Sendable {
    /// An agent introduced itself, or tried to.
    case hello(agent: Int, Result<HelloPayload, ProtocolViolation>)
    /// An agent has loaded, or reset itself.
    case ready(agent: Int)
    /// An agent sent a payload that cannot be read.
    case violation(agent: Int, ProtocolViolation)
    /// An agent's process ended.
    case exited(agent: Int)
    /// The platform could not start an agent.
    case notStarted(agent: Int, reason: String)
    /// There is nothing in an agent's code that could be started.
    case unusable(agent: Int, reason: String)
  }

  /// What an agent said about a failure of its own.
  struct Complaint: Sendable {
    var message: String
    var traceback: String?
  }

  private struct State {
    var events: [Event] = []
    var pendingBytes = 0
    /// By agent: what it said about the fault that its report is about, and the number of that fault.
    var complaints: [Int: (fault: Int, complaint: Complaint)] = [:]
    /// By agent: what it said about its newest fault, for the frame of that fault.
    var newestComplaints: [Int: (fault: Int, complaint: Complaint)] = [:]
    /// By agent: the end of its log.
    var logs: [Int: [String]] = [:]
    var droppedLogBytes: [Int: Int] = [:]
  }

  private static let pendingLimit = 4 << 20
  private static let logLines = 40

  private let state = Mutex(State())
  private let queue = DispatchQueue(label: "rl-arena.agent-inbox", qos: .utility)
  private let wake: WakeSignal

  init(waking wake: WakeSignal) {
    self.wake = wake
  }

  /// Hands the loop an event. May be called from any thread.
  func post(_ event: Event) {
    state.withLock { $0.events.append(event) }
    wake.wake()
  }

  /// What has come since the last call.
  func takeEvents() -> [Event] {
    state.withLock { state in
      defer { state.events = [] }
      return state.events
    }
  }

  /// Reads an agent's introduction.
  func readHello(agent: Int, _ payload: UnsafeRawBufferPointer) {
    let bytes = Array(payload)
    queue.async { [self] in
      let hello = Result { () throws(ProtocolViolation) in
        try ControlFrame.decode(HelloPayload.self, .hello, payload: bytes)
      }
      post(.hello(agent: agent, hello))
    }
  }

  /// Checks an agent's `ready`. The agent is ready once this was read.
  func readReady(agent: Int, _ payload: UnsafeRawBufferPointer) {
    let bytes = Array(payload)
    queue.async { [self] in
      do throws(ProtocolViolation) {
        _ = try ControlFrame.decode(ReadyPayload.self, .ready, payload: bytes)
        post(.ready(agent: agent))
      } catch {
        post(.violation(agent: agent, error))
      }
    }
  }

  /// Reads what an agent says about its fault number `fault`. It is kept until the next one comes, and for longer where the agent's report
  /// will be about that fault.
  func readComplaint(agent: Int, fault: Int, isKept: Bool, _ payload: UnsafeRawBufferPointer) {
    read(ErrorPayload.self, .error, agent: agent, payload) { complaint, state in
      let complaint = Complaint(
        message: Self.shortened(complaint.message, to: 2048),
        traceback: complaint.traceback.map { Self.end(of: $0) }
      )
      state.newestComplaints[agent] = (fault, complaint)
      if isKept { state.complaints[agent] = (fault, complaint) }
    }
  }

  /// Keeps a line of an agent's log.
  func readLog(agent: Int, _ payload: UnsafeRawBufferPointer) {
    read(LogPayload.self, .log, agent: agent, payload) { log, state in
      var lines = state.logs[agent] ?? []
      if lines.count == Self.logLines { lines.removeFirst() }
      lines.append(Self.shortened(log.text, to: 512))
      state.logs[agent] = lines
    }
  }

  /// What `agent` said about its fault number `fault`, once everything that has come was read.
  func complaint(agent: Int, fault: Int) -> Complaint? {
    queue.sync {}
    return complaintIfRead(agent: agent, fault: fault)
  }

  /// What `agent` said about its fault number `fault`, if that was read already.
  func complaintIfRead(agent: Int, fault: Int) -> Complaint? {
    state.withLock { state in
      for known in [state.complaints[agent], state.newestComplaints[agent]] {
        if let known, known.fault == fault { return known.complaint }
      }
      return nil
    }
  }

  /// The end of what `agent` sent to its log.
  func logTail(agent: Int) -> String? {
    queue.sync {}
    return state.withLock { $0.logs[agent]?.joined(separator: "\n") }
  }

  private func read<Payload: Decodable & Sendable>(
    _ type: Payload.Type,
    _ kind: FrameKind,
    agent: Int,
    _ payload: UnsafeRawBufferPointer,
    _ keep: @escaping @Sendable (Payload, inout sending State) -> Void
  ) {
    let isAccepted = state.withLock { state in
      guard state.pendingBytes + payload.count <= Self.pendingLimit else { return false }
      state.pendingBytes += payload.count
      return true
    }
    guard isAccepted else { return }
    let bytes = Array(payload)
    queue.async { [self] in
      do throws(ProtocolViolation) {
        let value = try ControlFrame.decode(type, kind, payload: bytes)
        state.withLock { state in
          state.pendingBytes -= bytes.count
          keep(value, &state)
        }
      } catch {
        state.withLock { $0.pendingBytes -= bytes.count }
        post(.violation(agent: agent, error))
      }
    }
  }

  private static func shortened(_ text: String, to limit: Int) -> String {
    guard text.utf8.count > limit else { return text }
    var end = text.utf8.index(text.startIndex, offsetBy: limit)
    while String.Index(end, within: text.unicodeScalars) == nil { text.utf8.formIndex(before: &end) }
    return text[..<end] + "…"
  }

  private static func end(of traceback: String) -> String {
    let limit = 16_384
    guard traceback.utf8.count > limit else { return traceback }
    var start = traceback.utf8.index(traceback.endIndex, offsetBy: -limit)
    while String.Index(start, within: traceback.unicodeScalars) == nil { traceback.utf8.formIndex(after: &start) }
    return "…" + traceback[start...]
  }
}

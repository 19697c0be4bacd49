import Glibc

/// A client that sends whatever bytes a test wants, well formed or not, over a blocking socket.
///
/// It blocks a thread of its own, so that it holds up neither other tests nor servers that run on Swift's threads.
actor RawClient {
  /// Something that did not come as it should.
  struct Failure: Error {
    var text: String
  }

  /// What came on a stream until it ended.
  struct Answer: Sendable {
    var head: [String: String] = [:]
    var trailers: [String: String] = [:]
    var data: [UInt8] = []
    /// The code of the reset that ended it.
    var reset: UInt32?

    /// `grpc-status`, wherever it stands.
    var status: Int? { (trailers["grpc-status"] ?? head["grpc-status"]).flatMap { Int($0) } }
  }

  static let preface: [UInt8] = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

  nonisolated let unownedExecutor: UnownedSerialExecutor
  private let thread: BlockingExecutor
  private let socket: Int32
  private var buffer: [UInt8] = []
  private let decoder = HeaderDecoder()
  /// What is being waited for, for messages.
  private var purpose = "anything"

  /// Connects. Reading and writing give up after two minutes: a test that fails must end, and a busy machine is no failure.
  init(port: Int, receiveBuffer: Int32? = nil) throws {
    thread = BlockingExecutor()
    unownedExecutor = thread.asUnownedSerialExecutor()
    socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    if var size = receiveBuffer {
      setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
    }
    var timeout = timeval(tv_sec: 120, tv_usec: 0)
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let status = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard status == 0 else { throw Failure(text: "cannot connect: errno \(errno)") }
  }

  deinit {
    Glibc.close(socket)
    thread.stop()
  }

  /// Ends the connection, whatever is going on.
  nonisolated func close() { shutdown(socket, Int32(SHUT_RDWR)) }

  // MARK: Sending

  func send(_ bytes: [UInt8]) throws {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes { rest in
        Glibc.send(socket, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw Failure(text: "cannot send: errno \(errno)") }
      sent += count
    }
  }

  func send(_ frames: RawFrame...) throws { try send(frames.flatMap(\.wire)) }

  /// Sends preface and settings.
  func start(settings: [(UInt16, UInt32)] = []) throws {
    let payload = settings.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] + RawFrame.number($1) }
    try send(Self.preface + RawFrame(kind: .settings, payload: payload).wire)
  }

  /// The fields of a call.
  static func fields(
    path: String = "/test.Test/Echo",
    method: String = "POST",
    contentType: String? = "application/grpc",
    more: [(String, String)] = []
  ) -> [(String, String)] {
    [(":method", method), (":scheme", "http"), (":path", path), (":authority", "test"), ("te", "trailers")]
      + (contentType.map { [("content-type", $0)] } ?? []) + more
  }

  /// Sends a call's header block.
  func request(stream: Int32, path: String = "/test.Test/Echo", more: [(String, String)] = [], ends: Bool = false)
    throws
  {
    try send(
      RawFrame(
        kind: .headers,
        flags: RawFrame.endHeaders | (ends ? RawFrame.endStream : 0),
        stream: stream,
        payload: RawFrame.block(Self.fields(path: path, more: more))
      )
    )
  }

  /// Sends bytes on a stream.
  func data(stream: Int32, _ bytes: [UInt8], ends: Bool = false) throws {
    try send(RawFrame(kind: .data, flags: ends ? RawFrame.endStream : 0, stream: stream, payload: bytes))
  }

  // MARK: Receiving

  /// The next frame; nil if the server has closed the connection.
  func frame() throws -> RawFrame? {
    guard try fill(9) else { return nil }
    let length = Int(buffer[0]) << 16 | Int(buffer[1]) << 8 | Int(buffer[2])
    guard let kind = RawFrame.Kind(rawValue: buffer[3]) else { throw Failure(text: "a frame of kind \(buffer[3])") }
    guard try fill(9 + length) else { throw Failure(text: "the connection was closed within a frame") }
    var frame = RawFrame(kind: kind, flags: buffer[4], payload: Array(buffer[9..<9 + length]))
    frame.stream = Int32(bitPattern: buffer[5..<9].reduce(0) { $0 << 8 | UInt32($1) })
    buffer.removeFirst(9 + length)
    if kind == .headers { frame.fields = try decoder.decode(frame.payload) }
    return frame
  }

  /// The next frame of a kind; others are passed over. Pings are answered.
  func frame(_ kind: RawFrame.Kind, where matches: @Sendable (RawFrame) -> Bool = { _ in true }) throws -> RawFrame {
    purpose = "a \(kind) frame"
    while let frame = try frame() {
      if frame.kind == kind, matches(frame) { return frame }
      try answerPing(frame)
    }
    throw Failure(text: "the connection was closed before there was a \(kind) frame")
  }

  /// Everything on a stream until it ends.
  func answer(stream: Int32) throws -> Answer {
    purpose = "the answer on stream \(stream)"
    var answer = Answer()
    while let frame = try frame() {
      try answerPing(frame)
      guard frame.stream == stream else { continue }
      if frame.kind == .headers {
        if answer.head.isEmpty { answer.head = frame.fields } else { answer.trailers = frame.fields }
      }
      if frame.kind == .data { answer.data += frame.payload }
      if frame.kind == .resetStream { answer.reset = frame.number(at: 0) }
      let isLast = frame.kind == .resetStream || frame.flags & RawFrame.endStream != 0
      if isLast, frame.kind != .windowUpdate { return answer }
    }
    throw Failure(text: "the connection was closed before stream \(stream) ended")
  }

  /// The code of the GOAWAY that ends the connection, and what it says besides.
  func goodbye() throws -> (code: UInt32, text: String) {
    let frame = try frame(.goAway)
    return (frame.number(at: 4), String(decoding: frame.payload[8...], as: UTF8.self))
  }

  /// Reads until the server closes the connection.
  func waitForClose() throws {
    while let frame = try frame() { try answerPing(frame) }
  }

  /// All bytes until the server closes the connection.
  func rest() throws -> [UInt8] {
    while try fill(buffer.count + 1) {}
    return buffer
  }

  private func answerPing(_ frame: RawFrame) throws {
    guard frame.kind == .ping, frame.flags & RawFrame.acknowledgement == 0 else { return }
    try send(RawFrame(kind: .ping, flags: RawFrame.acknowledgement, payload: frame.payload))
  }

  /// Has `count` bytes in the buffer; false if the server has closed the connection.
  private func fill(_ count: Int) throws -> Bool {
    var piece = [UInt8](repeating: 0, count: 65_536)
    while buffer.count < count {
      let received = recv(socket, &piece, piece.count, 0)
      if received < 0, errno == EINTR { continue }
      if received < 0, errno == ECONNRESET { return false }
      guard received >= 0 else { throw Failure(text: "\(purpose) did not come: errno \(errno)") }
      guard received > 0 else { return false }
      buffer += piece[..<received]
    }
    return true
  }
}

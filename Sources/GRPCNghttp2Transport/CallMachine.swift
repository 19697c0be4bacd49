internal import DequeModule
internal import GRPCCore

/// What one call is up to: a state machine without input or output.
///
/// It is told what the client sent, what the handler reads and writes, and when the call ends early; it answers what is to be
/// done. The request's side is in `CallMachine+Request.swift`, the response's in `CallMachine+Response.swift`.
struct CallMachine {
  /// A message that the handler has not read yet.
  struct QueuedMessage {
    var bytes: MessageBytes
    /// Bytes of it that still count against the stream's window.
    var owedCredit: Int
    /// Bytes that were set aside for it.
    var reserved: Int
  }

  /// Whether room was set aside for the message that is being received.
  enum Reservation: Equatable {
    case none
    case waiting
    case granted(Int)

    var bytes: Int { if case .granted(let bytes) = self { bytes } else { 0 } }
  }

  /// How far the request is.
  enum Request {
    case open
    case ended
    /// What the handler gets to hear when it reads on.
    case failed(RPCError)
  }

  /// How far the response is.
  enum Response {
    /// Nothing was written.
    case idle
    /// The head was written; messages may follow.
    case open
    /// The status was written: nothing may follow.
    case ended
    /// The call ended early: what the handler writes is refused with this.
    case failed(RPCError)
  }

  // MARK: The request

  var request = Request.open
  /// The request's metadata until the handler takes it.
  var requestMetadata: Metadata?
  var assembler = MessageAssembler()
  var messages = Deque<QueuedMessage>()
  /// Bytes of the message that is being received which still count against the stream's window.
  var partialCredit = 0
  var reservation = Reservation.none
  /// The most bytes in a message, also once it is decompressed.
  var messageLimit = 0
  var requestEncoding = MessageEncoding.identity
  /// Bytes that were set aside for messages which will not be read.
  var droppedReservations = 0

  // MARK: The response

  var response = Response.idle
  /// The response's metadata until it is sent.
  var responseMetadata: Metadata?
  /// Whether the head was handed out to be sent.
  var headIsSent = false
  var outbound = Deque<MessageBytes>()
  /// Bytes of the first outbound message that were sent already.
  var outboundOffset = 0
  /// Bytes written by the handler and not yet sent.
  var outboundBytes = 0
  /// Status and metadata that end the response, until they are sent.
  var trailers: (status: Status, metadata: Metadata)?

  /// A call that has just begun.
  init() {}

  /// Starts anew with what is kept of the memory of an earlier call.
  mutating func begin(metadata: Metadata, messageLimit: Int, encoding: MessageEncoding) {
    recycle()
    requestMetadata = metadata
    self.messageLimit = messageLimit
    requestEncoding = encoding
  }

  /// Takes the bytes that were set aside and are not needed any more.
  mutating func takeDroppedReservations() -> Int {
    defer { droppedReservations = 0 }
    return droppedReservations
  }

  /// Forgets everything, save for a little memory that the next call can use.
  mutating func recycle() {
    request = .open
    requestMetadata = nil
    assembler.reset()
    if !messages.isEmpty { messages.removeAll(keepingCapacity: messages.count <= 8) }
    partialCredit = 0
    reservation = .none
    requestEncoding = .identity
    response = .idle
    responseMetadata = nil
    headIsSent = false
    if !outbound.isEmpty { outbound.removeAll(keepingCapacity: outbound.count <= 8) }
    outboundOffset = 0
    outboundBytes = 0
    trailers = nil
  }

  /// Ends the call early with a status for the client: a deadline passed, a limit was broken, the server stops.
  ///
  /// The handler's next read and write fail with the same. Messages that wait to be sent are dropped.
  ///
  /// - Returns: False if the response has ended already and there is nothing left to say.
  mutating func abort(with error: RPCError) -> Bool {
    failRequest(with: error)
    switch response {
    case .idle, .open: break
    case .ended, .failed: return false
    }
    dropMessages(butOneBegun: true)
    response = .failed(error)
    trailers = (Status(code: Status.Code(error.code), message: error.message), error.metadata)
    return true
  }

  /// The stream is gone: the client reset it, or the connection closed.
  mutating func close(with error: RPCError) {
    failRequest(with: error)
    switch response {
    case .idle, .open: response = .failed(error)
    case .ended, .failed: break
    }
    dropMessages(butOneBegun: false)
    trailers = nil
  }

  private mutating func failRequest(with error: RPCError) {
    droppedReservations += reservation.bytes
    reservation = .none
    if !messages.isEmpty {
      for message in messages { droppedReservations += message.reserved }
      messages.removeAll()
    }
    assembler.reset()
    partialCredit = 0
    if case .failed = request { return }
    request = .failed(error)
  }

  /// Drops what waits to be sent.
  ///
  /// - Parameter butOneBegun: Whether to keep a message that was sent in part. A client that is to understand the trailers
  ///   must get the rest of it.
  private mutating func dropMessages(butOneBegun: Bool) {
    guard !outbound.isEmpty else { return }
    let kept = butOneBegun && outboundOffset > 0 ? outbound.first : nil
    outbound.removeAll()
    outboundBytes = 0
    guard let kept else {
      outboundOffset = 0
      return
    }
    outbound.append(kept)
    outboundBytes = kept.framed.count - outboundOffset
  }
}

internal import GRPCCore

extension CallMachine {
  /// What came of something that the handler wrote.
  enum WriteOutcome {
    /// It was taken.
    case accepted
    /// It was taken, and the handler is to wait until some of it was sent.
    case full
    /// It was refused.
    case rejected(RPCError)
  }

  /// What is to be sent before any message.
  enum Head {
    /// Nothing, or nothing yet.
    case none
    /// The response's head; messages or trailers follow.
    case head(Metadata)
    /// Head and end in one.
    case trailersOnly(Status, Metadata)
  }

  /// The handler wrote something.
  ///
  /// - Parameter limit: Bytes waiting to be sent from which the handler has to wait.
  mutating func write(_ part: RPCResponsePart<MessageBytes>, limit: Int) -> WriteOutcome {
    switch (response, part) {
    case (.failed(let error), _):
      return .rejected(error)
    case (.idle, .metadata(let metadata)):
      if let problem = MetadataFields.problem(of: metadata) { return .rejected(problem) }
      responseMetadata = metadata
      response = .open
    case (.open, .message(let message)):
      outbound.append(message)
      outboundBytes += message.framed.count
      return outboundBytes > limit ? .full : .accepted
    case (.idle, .status(let status, let metadata)), (.open, .status(let status, let metadata)):
      setTrailers(status, metadata)
      response = .ended
    case (.idle, .message):
      return .rejected(Self.misuse("a message was written before the response's metadata"))
    case (.open, .metadata):
      return .rejected(Self.misuse("the response's metadata was written twice"))
    case (.ended, _):
      return .rejected(Self.misuse("the response has ended: its status was written"))
    }
    return .accepted
  }

  /// The handler is done and writes no more.
  mutating func finishWriting(with error: RPCError?) {
    switch response {
    case .idle, .open:
      let reason = error ?? RPCError(code: .unknown, message: "the method ended without a status")
      setTrailers(Status(code: Status.Code(reason.code), message: reason.message), reason.metadata)
      response = .ended
    case .ended, .failed:
      break
    }
  }

  /// Takes what must be sent before messages can be.
  mutating func takeHead() -> Head {
    guard !headIsSent else { return .none }
    if let metadata = responseMetadata {
      responseMetadata = nil
      // A call that failed before anything was sent needs no head of its own.
      if case .failed = response, outbound.isEmpty, let trailers {
        self.trailers = nil
        headIsSent = true
        return .trailersOnly(trailers.status, trailers.metadata)
      }
      headIsSent = true
      return .head(metadata)
    }
    if let trailers {
      self.trailers = nil
      headIsSent = true
      return .trailersOnly(trailers.status, trailers.metadata)
    }
    return .none
  }

  /// Whether there are bytes or trailers to send behind the head.
  var hasOutput: Bool { outboundBytes > 0 || trailers != nil }

  /// Takes the trailers once all messages before them are handed out.
  ///
  /// - Parameter count: Bytes of messages that are being handed out right now.
  mutating func takeTrailers(after count: Int) -> (status: Status, metadata: Metadata)? {
    guard count == outboundBytes, let trailers else { return nil }
    self.trailers = nil
    return trailers
  }

  /// Hands out the next `count` bytes of messages, which must be there.
  mutating func takeBytes(_ count: Int, _ consume: (UnsafeRawBufferPointer) -> Void) {
    precondition(count <= outboundBytes, "more bytes are to be sent than were written")
    outboundBytes -= count
    var remaining = count
    while remaining > 0 {
      let length = outbound[0].framed.count
      let end = min(length, outboundOffset + remaining)
      outbound[0].framed.withUnsafeBytes { bytes in
        consume(UnsafeRawBufferPointer(rebasing: bytes[outboundOffset..<end]))
      }
      remaining -= end - outboundOffset
      if end == length {
        outbound.removeFirst()
        outboundOffset = 0
      } else {
        outboundOffset = end
      }
    }
  }

  /// Keeps what ends the response, or says why that cannot be sent.
  private mutating func setTrailers(_ status: Status, _ metadata: Metadata) {
    if let problem = MetadataFields.problem(of: metadata) {
      trailers = (Status(code: .internalError, message: problem.message), [:])
    } else {
      trailers = (status, metadata)
    }
  }

  private static func misuse(_ message: String) -> RPCError {
    RPCError(code: .internalError, message: message)
  }
}

internal import GRPCCore

/// What handlers do, on the connection's loop.
extension HTTP2Connection {
  /// What a handler that reads gets at once.
  enum Part {
    case part(RPCRequestPart<MessageBytes>)
    case end
    case wait
  }

  static let isOver = RPCError(code: .cancelled, message: "the call is over")

  /// Takes the next part of a request.
  func nextPart(of id: CallID) throws(RPCError) -> Part {
    guard let slot = slot(of: id) else { throw Self.isOver }
    switch calls[slot].machine.nextPart() {
    case .part(let part, let credit, let reserved):
      if credit > 0 || reserved > 0 { given(slot: slot, credit: credit, reserved: reserved) }
      return .part(part)
    case .end: return .end
    case .wait: return .wait
    case .failure(let error): throw error
    }
  }

  /// Waits for the next part of a request.
  func read(_ id: CallID, _ reader: CallSlot.Reader) {
    guard let slot = slot(of: id) else {
      reader.continuation.resume(throwing: Self.isOver)
      return
    }
    guard !reader.wait.isCancelled else {
      reader.continuation.resume(throwing: CancellationError())
      return
    }
    guard calls[slot].reader == nil else {
      let message = "two tasks read the same request at once"
      reader.continuation.resume(throwing: RPCError(code: .internalError, message: message))
      return
    }
    resume(reader, slot: slot)
  }

  /// Ends a wait whose task was cancelled.
  func stopReading(_ id: CallID, _ wait: CallWait) {
    guard let slot = slot(of: id), let reader = calls[slot].reader, reader.wait === wait else { return }
    calls[slot].reader = nil
    reader.continuation.resume(throwing: CancellationError())
  }

  /// Takes what a handler writes.
  func write(_ part: RPCResponsePart<MessageBytes>, to id: CallID) -> CallMachine.WriteOutcome {
    guard let slot = slot(of: id) else { return .rejected(Self.isOver) }
    let outcome = calls[slot].machine.write(part, limit: configuration.messages.maxUnsentBytes)
    mark(slot: slot)
    return outcome
  }

  /// Takes what a handler writes, if anything, and has it wait while there is too much unsent.
  func write(_ part: RPCResponsePart<MessageBytes>?, to id: CallID, then writer: CallSlot.Writer) {
    guard let slot = slot(of: id) else {
      writer.continuation.resume(throwing: Self.isOver)
      return
    }
    let limit = configuration.messages.maxUnsentBytes
    if let part {
      let outcome = calls[slot].machine.write(part, limit: limit)
      mark(slot: slot)
      if case .rejected(let error) = outcome {
        writer.continuation.resume(throwing: error)
        return
      }
    } else if case .failed(let error) = calls[slot].machine.response {
      writer.continuation.resume(throwing: error)
      return
    }
    if calls[slot].machine.outboundBytes <= limit {
      writer.continuation.resume()
    } else if writer.wait.isCancelled {
      writer.continuation.resume(throwing: CancellationError())
    } else {
      calls[slot].writers.append(writer)
    }
  }

  /// Ends a wait whose task was cancelled.
  func stopWriting(_ id: CallID, _ wait: CallWait) {
    guard let slot = slot(of: id), let index = calls[slot].writers.firstIndex(where: { $0.wait === wait }) else {
      return
    }
    calls[slot].writers.remove(at: index).continuation.resume(throwing: CancellationError())
  }

  /// The handler writes no more.
  func finishWriting(to id: CallID, with error: RPCError?) {
    guard let slot = slot(of: id) else { return }
    calls[slot].machine.finishWriting(with: error)
    mark(slot: slot)
  }
}

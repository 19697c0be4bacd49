internal import GRPCCore

extension CallMachine {
  /// What came of bytes or an end from the client.
  enum Arrival {
    /// Nothing that the handler waits for.
    case nothing
    /// The handler can read on.
    case readable
    /// The call is over: the client broke a rule and is to be told this.
    case fault(RPCError)
  }

  /// What a handler that reads gets.
  enum NextPart {
    /// A part, bytes to give back to the stream's window, and bytes that were set aside for it.
    case part(RPCRequestPart<MessageBytes>, credit: Int, reserved: Int)
    /// Nothing yet.
    case wait
    /// The request is over.
    case end
    case failure(RPCError)
  }

  /// Bytes of the request came in.
  mutating func received(_ chunk: UnsafeRawBufferPointer) -> Arrival {
    guard case .open = request else { return .nothing }
    var bytes = chunk
    var arrival = Arrival.nothing
    do throws(MessageAssembler.Problem) {
      while true {
        let before = bytes.count
        let message = try assembler.next(from: &bytes, limit: messageLimit)
        partialCredit += before - bytes.count
        guard let message else { return arrival }
        if message.isCompressed, requestEncoding == .identity {
          let text = "a message is flagged as compressed, but the request has no grpc-encoding"
          return .fault(RPCError(code: .internalError, message: text))
        }
        messages.append(QueuedMessage(bytes: message, owedCredit: partialCredit, reserved: reservation.bytes))
        partialCredit = 0
        reservation = .none
        arrival = .readable
      }
    } catch {
      return .fault(fault(of: error))
    }
  }

  /// The client will send no more.
  mutating func requestEnded() -> Arrival {
    guard case .open = request else { return .nothing }
    if assembler.isWithinMessage {
      let error = RPCError(code: .internalError, message: "the request ended in the middle of a message")
      return .fault(error)
    }
    request = .ended
    return .readable
  }

  /// Takes the next part for the handler.
  mutating func nextPart() -> NextPart {
    if let metadata = requestMetadata {
      requestMetadata = nil
      return .part(.metadata(metadata), credit: 0, reserved: 0)
    }
    if let message = messages.popFirst() {
      return .part(.message(message.bytes), credit: message.owedCredit, reserved: message.reserved)
    }
    switch request {
    case .open: return .wait
    case .ended: return .end
    case .failed(let error): return .failure(error)
    }
  }

  /// Bytes to set aside for the message that is being received, if it needs more than `window` and was not asked for before.
  mutating func takeReservationWish(above window: Int) -> Int? {
    guard reservation == .none, let bytes = assembler.announcedBytes, bytes > window else { return nil }
    reservation = .waiting
    return bytes
  }

  /// Room was set aside for the message that is being received.
  ///
  /// - Returns: False if there is no such message any more. A message that fits a window can be complete before its turn comes, and
  ///   its room is not for the next.
  mutating func grantReservation(_ bytes: Int) -> Bool {
    guard reservation == .waiting, assembler.announcedBytes == bytes else { return false }
    reservation = .granted(bytes)
    return true
  }

  /// Bytes of the message being received that no longer count against the window, because room for all of it was set aside.
  mutating func takePartialCredit() -> Int {
    guard case .granted = reservation else { return 0 }
    defer { partialCredit = 0 }
    return partialCredit
  }

  private func fault(of problem: MessageAssembler.Problem) -> RPCError {
    switch problem {
    case .tooLong(let announced):
      return RPCError(
        code: .resourceExhausted,
        message:
          "a message of \(announced) bytes is longer than \(messageLimit) bytes, which is the most that this server takes"
      )
    case .badFlag(let flag):
      let message = "a message begins with \(flag), where 0 or 1 says whether it is compressed"
      return RPCError(code: .internalError, message: message)
    }
  }
}

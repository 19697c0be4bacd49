internal import CNghttp2
internal import GRPCCore
internal import NIOCore

/// The calls of a connection from their start to their end.
extension HTTP2Connection {
  /// Handlers that may run for each stream that may be open. A client that resets its streams at once could otherwise have any
  /// number of handlers running.
  private static let handlersPerStream = 2

  /// The name of the call in a place.
  func id(of slot: Int) -> CallID { CallID(slot: UInt32(slot), generation: calls[slot].generation) }

  /// The place of a call, if it is still there.
  func slot(of id: CallID) -> Int? {
    let slot = Int(id.slot)
    return calls[slot].isTaken && calls[slot].generation == id.generation ? slot : nil
  }

  /// A request's header block is complete.
  func startCall(streamID: Int32, endsStream: Bool) {
    // The GOAWAY that says so waits to be sent, and does not count this stream among those that are served.
    guard phase == .open, !lifecycle.isRefusing else {
      refuse(streamID: streamID)
      return
    }
    if let problem = head.problem(limit: configuration.http2.maxHeaderListSize) {
      reject(streamID: streamID, problem)
      return
    }
    guard let descriptor = head.descriptor else {
      reject(streamID: streamID, .unimplemented("the request names no method"))
      return
    }
    guard runningHandlers < Self.handlersPerStream * configuration.http2.maxConcurrentStreams else {
      refuse(streamID: streamID)
      return
    }
    let slot = takeSlot()
    calls[slot].machine.begin(
      metadata: head.metadata,
      messageLimit: configuration.messages.maxRequestBytes,
      encoding: head.encoding
    )
    calls[slot].isTaken = true
    calls[slot].streamID = streamID
    calls[slot].compressesResponse = head.acceptsGzip && configuration.messages.compressesResponses
    if let session {
      nghttp2_session_set_stream_user_data(session, streamID, UnsafeMutableRawPointer(bitPattern: slot + 1))
    }
    openStreams += 1
    runningHandlers += 1
    lifecycle.callStarted()
    if endsStream { _ = calls[slot].machine.requestEnded() }
    let id = id(of: slot)
    var deadline: ContinuousClock.Instant?
    if let timeout = head.timeout {
      deadlines.add(id, at: .now() + TimeAmount(bounded: timeout), open: openStreams) { self.slot(of: $0) != nil }
      deadline = .now + timeout
      setAlarm()
    }
    calls[slot].task = runHandler(
      of: id,
      descriptor,
      deadline: deadline,
      decompresses: head.encoding != .identity,
      compresses: calls[slot].compressesResponse
    )
  }

  private func runHandler(
    of id: CallID,
    _ descriptor: MethodDescriptor,
    deadline: ContinuousClock.Instant?,
    decompresses: Bool,
    compresses: Bool
  ) -> Task<Void, Never> {
    let executor = configuration.execution == .eventLoop ? executor : nil
    return Task(executorPreference: executor) {
      await withServerContextRPCCancellationHandle { cancellation in
        if self.loop.inEventLoop {
          self.handlerStarted(id, cancellation)
        } else {
          self.loop.execute { self.handlerStarted(id, cancellation) }
        }
        await self.server.streamHandler(
          self.stream(of: id, descriptor, decompresses: decompresses, compresses: compresses),
          self.context(of: descriptor, deadline: deadline, cancellation)
        )
      }
      if self.loop.inEventLoop {
        self.handlerReturned(id)
      } else {
        self.loop.execute { self.handlerReturned(id) }
      }
    }
  }

  /// What a handler reads and writes. Not inlined: what is put together in a task's own code stays in its memory while it waits.
  @inline(never)
  private func stream(
    of id: CallID,
    _ descriptor: MethodDescriptor,
    decompresses: Bool,
    compresses: Bool
  ) -> RPCStream<
    RPCAsyncSequence<RPCRequestPart<MessageBytes>, any Error>, RPCWriter<RPCResponsePart<MessageBytes>>.Closable
  > {
    let inbound = InboundParts(connection: self, id: id)
    return RPCStream(
      descriptor: descriptor,
      inbound: decompresses
        ? RPCAsyncSequence(wrapping: DecompressedParts(base: inbound))
        : RPCAsyncSequence(wrapping: inbound),
      outbound: RPCWriter.Closable(wrapping: OutboundParts(connection: self, id: id, compresses: compresses))
    )
  }

  /// What a handler is told of its call. Not inlined, as above.
  @inline(never)
  private func context(
    of descriptor: MethodDescriptor,
    deadline: ContinuousClock.Instant?,
    _ cancellation: ServerContext.RPCCancellationHandle
  ) -> ServerContext {
    var context = ServerContext(
      descriptor: descriptor,
      remotePeer: remotePeer,
      localPeer: localPeer,
      cancellation: cancellation
    )
    if deadline != nil || peerCertificate != nil {
      context.transportSpecific = RPCTransportContext(deadline: deadline, peerCertificate: peerCertificate)
    }
    return context
  }

  private func handlerStarted(_ id: CallID, _ cancellation: ServerContext.RPCCancellationHandle) {
    guard let slot = slot(of: id) else { return }
    if calls[slot].isCancelled {
      cancellation.cancel()
    } else {
      calls[slot].cancellation = cancellation
    }
  }

  private func handlerReturned(_ id: CallID) {
    guard let slot = slot(of: id) else { return }
    runningHandlers -= 1
    calls[slot].handlerReturned = true
    calls[slot].machine.finishWriting(with: nil)
    mark(slot: slot)
    freeIfDone(slot: slot)
    finishIfDone()
  }

  /// Ends a call early with a status for the client.
  func abortCall(slot: Int, _ error: RPCError) {
    guard !calls[slot].streamIsClosed else { return }
    if calls[slot].machine.abort(with: error) { mark(slot: slot) }
    handlerIsCancelled(slot: slot, error)
  }

  /// Ends a call whose stream is gone. If its response was not complete, that is for `reason`.
  func endCall(slot: Int, _ reason: () -> RPCError) {
    if case .ended = calls[slot].machine.response {
      // The handler has said all that it had to say. It may still read.
      calls[slot].machine.close(with: Self.isOver)
      endWaits(slot: slot, Self.isOver)
    } else {
      let error = reason()
      calls[slot].machine.close(with: error)
      handlerIsCancelled(slot: slot, error)
    }
  }

  /// Tells whoever waits for parts, or for room for them, that the call is over.
  private func endWaits(slot: Int, _ error: RPCError) {
    release(calls[slot].machine.takeDroppedReservations())
    if let reader = calls[slot].reader {
      calls[slot].reader = nil
      reader.continuation.resume(throwing: error)
    }
    if !calls[slot].writers.isEmpty {
      let writers = calls[slot].writers
      calls[slot].writers = []
      for writer in writers { writer.continuation.resume(throwing: error) }
    }
  }

  /// Tells the handler, and its tasks that wait, that the call is over.
  private func handlerIsCancelled(slot: Int, _ error: RPCError) {
    endWaits(slot: slot, error)
    guard !calls[slot].isCancelled, !calls[slot].handlerReturned else { return }
    calls[slot].isCancelled = true
    guard let cancellation = calls[slot].cancellation else { return }
    calls[slot].cancellation = nil
    if sessionDepth > 0 {
      cancellations.append(cancellation)
    } else {
      cancellation.cancel()
    }
  }

  /// Does what a machine said of bytes or an end from the client.
  func perform(_ arrival: CallMachine.Arrival, slot: Int) {
    switch arrival {
    case .nothing: break
    case .fault(let error): abortCall(slot: slot, error)
    case .readable:
      guard let reader = calls[slot].reader else { return }
      calls[slot].reader = nil
      resume(reader, slot: slot)
    }
  }

  /// Gives a reader what is there.
  func resume(_ reader: CallSlot.Reader, slot: Int) {
    switch calls[slot].machine.nextPart() {
    case .part(let part, let credit, let reserved):
      given(slot: slot, credit: credit, reserved: reserved)
      reader.continuation.resume(returning: part)
    case .wait: calls[slot].reader = reader
    case .end: reader.continuation.resume(returning: nil)
    case .failure(let error): reader.continuation.resume(throwing: error)
    }
  }

  /// The handler has taken a part: the client may send as much again.
  func given(slot: Int, credit: Int, reserved: Int) {
    consumeStream(slot: slot, credit)
    release(reserved)
  }

  /// Gives bytes back to a stream's window.
  func consumeStream(slot: Int, _ count: Int) {
    // A client that will send no more on the stream needs no window.
    guard count > 0, case .open = calls[slot].machine.request, !calls[slot].streamIsClosed, let session else { return }
    nghttp2_session_consume_stream(session, calls[slot].streamID, count)
    markForFlush()
  }

  /// Gives back what was set aside for messages, and lets waiting ones in.
  func release(_ bytes: Int) {
    guard bytes > 0 else { return }
    var bytes = bytes
    while let (id, granted) = budget.release(bytes) {
      bytes = 0
      if let slot = slot(of: id), calls[slot].machine.grantReservation(granted) {
        consumeStream(slot: slot, calls[slot].machine.takePartialCredit())
      } else {
        bytes = granted
      }
    }
  }

  private func takeSlot() -> Int {
    if let free = freeSlots.popLast() { return Int(free) }
    calls.append(CallSlot())
    return calls.count - 1
  }

  func freeIfDone(slot: Int) {
    guard calls[slot].isTaken, calls[slot].streamIsClosed, calls[slot].handlerReturned else { return }
    // A handler can leave behind what it did not read, and tasks that wait for more: the next call must not meet them.
    calls[slot].machine.close(with: Self.isOver)
    endWaits(slot: slot, Self.isOver)
    calls[slot].clear()
    freeSlots.append(UInt32(slot))
  }

  /// Refuses a request of which nothing was looked at: the client may try again, which this code says.
  private func refuse(streamID: Int32) {
    if let session { nghttp2_submit_rst_stream(session, 0, streamID, NGHTTP2_REFUSED_STREAM.rawValue) }
  }

  /// Answers a request without asking a handler.
  private func reject(streamID: Int32, _ rejection: RequestRejection) {
    guard let session else { return }
    fields.removeAll()
    fields.append(name: ":status") { $0.append(contentsOf: String(rejection.httpStatus).utf8) }
    fields.append(name: "content-type", value: "application/grpc")
    if rejection.httpStatus == 405 { fields.append(name: "allow", value: "POST") }
    if rejection.code == .unimplemented { fields.append(name: "grpc-accept-encoding", value: MessageEncoding.accepted) }
    appendStatus(Status(code: rejection.code, message: rejection.message), [:])
    _ = fields.withFields { fields, count in nghttp2_submit_response(session, streamID, fields, count, nil) }
  }
}

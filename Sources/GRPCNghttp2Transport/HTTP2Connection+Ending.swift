internal import CNghttp2
internal import GRPCCore
internal import NIOCore

/// Time, and a connection's end.
extension HTTP2Connection: NIOScheduledCallbackHandler {
  /// How long a client may take to close its side, so that what was sent last is not lost in a reset.
  private static let lingering = TimeAmount.seconds(1)

  func handleScheduledCallback(eventLoop: some EventLoop) {
    alarm = nil
    alarmTime = nil
    guard phase != .closed else { return }
    let now = NIODeadline.now()
    while let id = deadlines.popDue(now: now) {
      guard let slot = slot(of: id) else { continue }
      abortCall(slot: slot, RPCError(code: .deadlineExceeded, message: "the call's deadline has passed"))
    }
    perform(lifecycle.tick(now: now))
    setAlarm()
  }

  /// Has the loop call back when something is due. An alarm that is set too early stays: it looks and sets the next.
  func setAlarm() {
    guard phase != .closed else { return }
    let next = min(lifecycle.nextAlarm ?? .distantFuture, deadlines.next ?? .distantFuture)
    guard next < alarmTime ?? .distantFuture else { return }
    alarm?.cancel()
    alarmTime = next
    alarm = try? loop.scheduleCallback(at: next, handler: self)
  }

  /// Does what the lifecycle said.
  func perform(_ actions: [ConnectionLifecycle.Action]) {
    guard !actions.isEmpty else { return }
    for action in actions { perform(action) }
    setAlarm()
  }

  private func perform(_ action: ConnectionLifecycle.Action) {
    guard let session else { return }
    markForFlush()
    switch action {
    case .ping(let ping):
      submit(ping)
    case .announceEnd:
      // libnghttp2 would send a ping first: `frameSent` submits it.
      nghttp2_submit_shutdown_notice(session)
    case .refuseNewCalls:
      let last = nghttp2_session_get_last_proc_stream_id(session)
      nghttp2_submit_goaway(session, 0, last, NGHTTP2_NO_ERROR.rawValue, nil, 0)
    case .endCalls:
      let milliseconds = configuration.connections.retryPushback / .milliseconds(1)
      let error = RPCError(
        code: .unavailable,
        message: "the server is shutting down; try again",
        metadata: ["grpc-retry-pushback-ms": "\(Int(milliseconds))"]
      )
      for slot in calls.indices where calls[slot].isTaken { abortCall(slot: slot, error) }
      cancelHandlers()
    case .complainAboutPings:
      let reason = Array("too_many_pings".utf8)
      let last = nghttp2_session_get_last_proc_stream_id(session)
      nghttp2_submit_goaway(session, 0, last, NGHTTP2_ENHANCE_YOUR_CALM.rawValue, reason, reason.count)
      finishAndClose()
    case .close:
      finishAndClose()
    }
  }

  /// Submits a ping.
  func submit(_ ping: ConnectionLifecycle.Ping) {
    guard let session else { return }
    withUnsafeBytes(of: ping.rawValue.bigEndian) { payload in
      _ = nghttp2_submit_ping(session, 0, payload.baseAddress?.assumingMemoryBound(to: UInt8.self))
    }
  }

  /// The server stops: calls in flight may end, new ones are refused.
  func shutDown() {
    if let timeout = configuration.connections.drainTimeout {
      // Handlers can outlive their client, and must not outlive the server. Those with a client are ended by `endCalls`.
      loop.assumeIsolated().scheduleTask(in: TimeAmount(bounded: timeout)) { [weak self] in
        if let self, phase != .open { cancelHandlers() }
      }
    }
    guard phase != .closed else { return }
    perform(lifecycle.shutDown(now: .now()))
    setAlarm()
  }

  /// The server is stopped: calls are ended, also their tasks, and the connection is closed.
  func stop() {
    let error = RPCError(code: .unavailable, message: "the server was stopped")
    for slot in calls.indices where calls[slot].isTaken { abortCall(slot: slot, error) }
    cancelHandlers()
    context?.close(promise: nil)
  }

  /// Cancels the tasks of all handlers, after their calls were: a handler that looks for that finds it.
  private func cancelHandlers() {
    for slot in calls.indices where calls[slot].isTaken { calls[slot].task?.cancel() }
  }

  /// Sends what is left, then closes.
  func finishAndClose() {
    guard phase != .closed else { return }
    phase = .closing
    markForFlush()
    closeSoon()
  }

  /// Closes once there is nothing left to send or to wait for.
  func closeIfDone() {
    guard let session, let context, context.channel.isWritable else { return }
    let isOver = nghttp2_session_want_read(session) == 0 && nghttp2_session_want_write(session) == 0
    guard phase == .closing || isOver || lifecycle.isDone && nghttp2_session_want_write(session) == 0 else { return }
    guard phase != .closed else { return }
    phase = .closing
    closeSocket()
  }

  /// Closes this side and, when the client has done so too or has taken too long, all of it.
  func closeSocket() {
    guard let context, !isLingering else { return }
    isLingering = true
    if usesTLS {
      // TLS says good-bye by itself.
      context.close(promise: nil)
      return
    }
    // What is still on its way to a slow client goes first, however long that takes; the lifecycle sees to clients that are gone.
    let sent = context.eventLoop.makePromise(of: Void.self)
    sent.futureResult.assumeIsolated().whenComplete { [weak self] _ in self?.closeSoon() }
    context.close(mode: .output, promise: sent)
  }

  private func closeSoon() {
    loop.assumeIsolated().scheduleTask(in: Self.lingering) { [weak self] in
      self?.context?.close(promise: nil)
    }
  }

  /// The socket is gone.
  func connectionLost() {
    guard phase != .closed else { return }
    phase = .closed
    alarm?.cancel()
    alarm = nil
    let error = RPCError(code: .cancelled, message: "the client's connection was closed")
    for slot in calls.indices where calls[slot].isTaken && !calls[slot].streamIsClosed {
      calls[slot].streamIsClosed = true
      openStreams -= 1
      endCall(slot: slot) { error }
      freeIfDone(slot: slot)
    }
    markedCalls = []
    outbound = ByteBuffer()
    if sessionDepth == 0, let session {
      nghttp2_session_del(session)
      self.session = nil
    }
    finishIfDone()
  }

  /// Tells the server that neither the socket nor a handler needs this connection any more.
  func finishIfDone() {
    guard phase == .closed, runningHandlers == 0 else { return }
    server.connectionFinished(self)
  }
}

internal import CNghttp2
internal import GRPCCore
internal import NIOCore

/// Bytes from the client, and what libnghttp2 says of them.
extension HTTP2Connection {
  /// Unsent control frames from which a client that takes no answers is not read.
  private static let mostUnsentFrames = 500

  /// Takes bytes off the socket.
  func receive(_ buffer: ByteBuffer) {
    switch phase {
    case .awaitingPreface:
      let verdict = buffer.withUnsafeReadableBytes { preface.verdict(after: $0) }
      switch verdict {
      case .incomplete: break
      case .complete:
        phase = .open
        sendSettings()
      case .http1:
        answerHTTP1()
        return
      case .foreign:
        context?.close(promise: nil)
        return
      }
    case .open: break
    case .connecting, .closing, .closed: return
    }
    let now = NIODeadline.now()
    if lifecycle.bytesArrived(now: now) { setAlarm() }
    let count = withSession { session in
      buffer.withUnsafeReadableBytes { bytes in
        nghttp2_session_mem_recv(session, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count)
      }
    }
    guard let session, let count else { return }
    if consumedBytes > 0 {
      nghttp2_session_consume_connection(session, consumedBytes)
      consumedBytes = 0
    }
    markForFlush()
    if count < 0 {
      // What libnghttp2 cannot go on after: floods, and memory. Its GOAWAY, if it has one, goes out first.
      finishAndClose()
      return
    }
    if let context, !context.channel.isWritable,
      nghttp2_session_get_outbound_queue_size(session) > Self.mostUnsentFrames
    {
      readingIsHeld = true
    }
  }

  /// Runs libnghttp2 and, once it has returned, what must not run within it.
  func withSession<R>(_ body: (OpaquePointer) -> R) -> R? {
    guard let session else { return nil }
    sessionDepth += 1
    let result = body(session)
    sessionDepth -= 1
    if sessionDepth == 0, !cancellations.isEmpty {
      let due = cancellations
      cancellations.removeAll()
      for cancellation in due { cancellation.cancel() }
    }
    return result
  }

  private func sendSettings() {
    let limits = configuration.http2
    var settings = [
      nghttp2_settings_entry(
        settings_id: Int32(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS.rawValue),
        value: UInt32(clamping: limits.maxConcurrentStreams)
      ),
      nghttp2_settings_entry(
        settings_id: Int32(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE.rawValue),
        value: UInt32(clamping: min(limits.streamWindow, Int(Int32.max)))
      ),
      nghttp2_settings_entry(
        settings_id: Int32(NGHTTP2_SETTINGS_MAX_FRAME_SIZE.rawValue),
        value: UInt32(min(max(limits.maxFrameSize, 16_384), 16_777_215))
      ),
      nghttp2_settings_entry(
        settings_id: Int32(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE.rawValue),
        value: UInt32(clamping: limits.maxHeaderListSize)
      ),
      // gRPC has no priorities; without them libnghttp2 keeps no tree of streams that have ended.
      nghttp2_settings_entry(settings_id: Int32(NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES.rawValue), value: 1),
    ]
    let window = Int32(clamping: limits.connectionWindow)
    _ = withSession { session in
      nghttp2_submit_settings(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), &settings, settings.count)
      nghttp2_session_set_local_window_size(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), 0, window)
    }
  }

  private func answerHTTP1() {
    phase = .closing
    guard let context else { return }
    var answer = context.channel.allocator.buffer(capacity: ClientPreface.http1Answer.count)
    answer.writeBytes(ClientPreface.http1Answer)
    context.writeAndFlush(wrapOutboundOut(answer), promise: nil)
    closeSocket()
  }

  // MARK: Called by libnghttp2

  func headersBegan(streamID: Int32, isTrailer: Bool) {
    head.begin(streamID: streamID, isTrailer: isTrailer)
  }

  func headerArrived(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
    let isBearable = head.add(
      name: name,
      value: value,
      limit: configuration.http2.maxHeaderListSize,
      methods: server.methods,
      cache: &fieldCache
    )
    if !isBearable { calmDown() }
  }

  /// Ends the connection of a client that asks too much.
  private func calmDown() {
    if let session { nghttp2_session_terminate_session(session, NGHTTP2_ENHANCE_YOUR_CALM.rawValue) }
  }

  func headersEnded(streamID: Int32, endsStream: Bool) {
    if head.isTrailer {
      if endsStream { requestEnded(streamID: streamID) }
      return
    }
    startCall(streamID: streamID, endsStream: endsStream)
  }

  func dataArrived(streamID: Int32, _ bytes: UnsafeRawBufferPointer) {
    // The connection's window is for what is under way; what a stream's handler has not read is bounded by the stream's window.
    consumedBytes += bytes.count
    guard let slot = slot(of: streamID) else { return }
    perform(calls[slot].machine.received(bytes), slot: slot)
    guard calls[slot].isTaken, calls[slot].machine.assembler.isWithinMessage else { return }
    if let wish = calls[slot].machine.takeReservationWish(above: configuration.http2.streamWindow / 2),
      budget.reserve(wish, for: id(of: slot))
    {
      _ = calls[slot].machine.grantReservation(wish)
    }
    consumeStream(slot: slot, calls[slot].machine.takePartialCredit())
  }

  func requestEnded(streamID: Int32) {
    guard let slot = slot(of: streamID) else { return }
    perform(calls[slot].machine.requestEnded(), slot: slot)
  }

  func settingsArrived() {
    perform(lifecycle.settingsArrived(now: .now()))
    setAlarm()
  }

  func pingArrived(payload: UInt64, isAnswer: Bool) {
    if isAnswer {
      perform(lifecycle.pingAnswered(payload))
    } else {
      perform(lifecycle.pingArrived(now: .now()))
    }
  }

  func streamClosed(streamID: Int32, errorCode: UInt32) {
    guard let slot = slot(of: streamID) else { return }
    openStreams -= 1
    calls[slot].streamIsClosed = true
    lifecycle.callEnded(now: .now())
    endCall(slot: slot) {
      let reason = String(cString: nghttp2_http2_strerror(errorCode))
      return RPCError(code: .cancelled, message: "the client has ended the call (\(reason))")
    }
    freeIfDone(slot: slot)
  }

  /// This side has sent a frame.
  func frameSent(_ frame: nghttp2_frame) {
    switch UInt32(frame.hd.type) {
    case NGHTTP2_HEADERS.rawValue:
      lifecycle.responseSent()
      guard UInt32(frame.hd.flags) & NGHTTP2_FLAG_END_STREAM.rawValue != 0, let session else { return }
      // The response is complete. A client that is still sending is told to stop, and that nothing went wrong.
      if nghttp2_session_get_stream_remote_close(session, frame.hd.stream_id) == 0 {
        nghttp2_submit_rst_stream(session, 0, frame.hd.stream_id, NGHTTP2_NO_ERROR.rawValue)
      }
    case NGHTTP2_DATA.rawValue:
      lifecycle.responseSent()
    case NGHTTP2_GOAWAY.rawValue where frame.goaway.last_stream_id == Int32.max:
      submit(.drain)
    case NGHTTP2_RST_STREAM.rawValue:
      // Telling a client to stop, or to come back later, is not what it did wrong.
      let code = frame.rst_stream.error_code
      guard code != NGHTTP2_NO_ERROR.rawValue, code != NGHTTP2_REFUSED_STREAM.rawValue else { return }
      if !resetAllowance.take(now: .now()) { calmDown() }
    default:
      break
    }
  }

  /// The place of the call with this stream.
  func slot(of streamID: Int32) -> Int? {
    guard let session, let pointer = nghttp2_session_get_stream_user_data(session, streamID) else { return nil }
    let slot = Int(bitPattern: pointer) - 1
    guard calls[slot].isTaken, calls[slot].streamID == streamID else { return nil }
    return slot
  }
}

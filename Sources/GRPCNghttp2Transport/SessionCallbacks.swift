internal import CNghttp2

/// What libnghttp2 calls, each a few lines that hand over to the connection.
///
/// Nothing here throws, and nothing runs handlers: they wait for the executor.
enum SessionCallbacks {
  /// Unsafe only to the compiler: made once and read by every session that is created.
  nonisolated(unsafe) private static let shared: OpaquePointer = make()

  /// A session for a connection, which must outlive it.
  static func makeSession(for connection: HTTP2Connection) -> OpaquePointer? {
    let limits = connection.configuration.http2
    var option: OpaquePointer?
    nghttp2_option_new(&option)
    guard let option else { return nil }
    defer { nghttp2_option_del(option) }
    // Windows open again when handlers have read, which libnghttp2 cannot know.
    nghttp2_option_set_no_auto_window_update(option, 1)
    nghttp2_option_set_no_closed_streams(option, 1)
    nghttp2_option_set_max_outbound_ack(option, limits.maxUnsentAnswers)
    nghttp2_option_set_stream_reset_rate_limit(option, UInt64(limits.resetBurst), UInt64(limits.resetsPerSecond))
    nghttp2_option_set_max_continuations(option, limits.maxContinuations)
    nghttp2_option_set_peer_max_concurrent_streams(option, 0)
    var session: OpaquePointer?
    let userData = Unmanaged.passUnretained(connection).toOpaque()
    guard nghttp2_session_server_new2(&session, shared, userData, option) == 0 else { return nil }
    return session
  }

  /// Asks for a call's messages.
  static let readData: nghttp2_data_source_read_callback = { _, streamID, _, limit, flags, source, userData in
    guard let connection = SessionCallbacks.connection(userData), let slot = SessionCallbacks.slot(source) else {
      return SessionCallbacks.failure
    }
    switch connection.dataWanted(slot: slot, streamID: streamID, limit: limit) {
    case .send(let count, let isLast):
      // The bytes are taken by `sendData`, straight into the connection's buffer.
      flags?.pointee |= NGHTTP2_DATA_FLAG_NO_COPY.rawValue
      if isLast { flags?.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue | NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue }
      return count
    case .wait: return Int(NGHTTP2_ERR_DEFERRED.rawValue)
    case .pause: return Int(NGHTTP2_ERR_PAUSE.rawValue)
    }
  }

  private static let failure = Int(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue)
  private static let frameHeaderLength = 9

  private static func make() -> OpaquePointer {
    var created: OpaquePointer?
    nghttp2_session_callbacks_new(&created)
    guard let callbacks = created else { fatalError("there is no memory for libnghttp2's callbacks") }
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks) { _, frame, userData in
      guard let connection = SessionCallbacks.connection(userData), let frame else { return 0 }
      let isTrailer = frame.pointee.headers.cat != NGHTTP2_HCAT_REQUEST
      connection.headersBegan(streamID: frame.pointee.hd.stream_id, isTrailer: isTrailer)
      return 0
    }
    nghttp2_session_callbacks_set_on_header_callback(callbacks) {
      _,
      _,
      name,
      nameLength,
      value,
      valueLength,
      _,
      userData in
      SessionCallbacks.connection(userData)?.headerArrived(
        name: UnsafeRawBufferPointer(start: name, count: nameLength),
        value: UnsafeRawBufferPointer(start: value, count: valueLength)
      )
      return 0
    }
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { _, frame, userData in
      guard let connection = SessionCallbacks.connection(userData), let frame else { return 0 }
      SessionCallbacks.frameArrived(frame, connection)
      return 0
    }
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) { _, _, streamID, bytes, count, userData in
      SessionCallbacks.connection(userData)?.dataArrived(
        streamID: streamID,
        UnsafeRawBufferPointer(start: bytes, count: count)
      )
      return 0
    }
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) { _, streamID, errorCode, userData in
      SessionCallbacks.connection(userData)?.streamClosed(streamID: streamID, errorCode: errorCode)
      return 0
    }
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks) { _, frame, userData in
      if let frame { SessionCallbacks.connection(userData)?.frameSent(frame.pointee) }
      return 0
    }
    nghttp2_session_callbacks_set_send_data_callback(callbacks) { _, _, header, count, source, userData in
      guard let connection = SessionCallbacks.connection(userData), let slot = SessionCallbacks.slot(source) else {
        return Int32(SessionCallbacks.failure)
      }
      // There is no padding: no callback asks for any.
      let header = UnsafeRawBufferPointer(start: header, count: SessionCallbacks.frameHeaderLength)
      connection.sendData(slot: slot, header: header, count: count)
      return 0
    }
    return callbacks
  }

  private static func frameArrived(_ frame: UnsafePointer<nghttp2_frame>, _ connection: HTTP2Connection) {
    let header = frame.pointee.hd
    let endsStream = UInt32(header.flags) & NGHTTP2_FLAG_END_STREAM.rawValue != 0
    switch UInt32(header.type) {
    case NGHTTP2_HEADERS.rawValue:
      connection.headersEnded(streamID: header.stream_id, endsStream: endsStream)
    case NGHTTP2_DATA.rawValue:
      if endsStream { connection.requestEnded(streamID: header.stream_id) }
    case NGHTTP2_SETTINGS.rawValue:
      if UInt32(header.flags) & NGHTTP2_FLAG_ACK.rawValue == 0 { connection.settingsArrived() }
    case NGHTTP2_PING.rawValue:
      let payload = withUnsafeBytes(of: frame.pointee.ping.opaque_data) { $0.loadUnaligned(as: UInt64.self) }
      let isAnswer = UInt32(header.flags) & NGHTTP2_FLAG_ACK.rawValue != 0
      connection.pingArrived(payload: UInt64(bigEndian: payload), isAnswer: isAnswer)
    default:
      break
    }
  }

  private static func connection(_ userData: UnsafeMutableRawPointer?) -> HTTP2Connection? {
    userData.map { Unmanaged<HTTP2Connection>.fromOpaque($0).takeUnretainedValue() }
  }

  private static func slot(_ source: UnsafeMutablePointer<nghttp2_data_source>?) -> Int? {
    source.map { Int(bitPattern: $0.pointee.ptr) - 1 }
  }
}

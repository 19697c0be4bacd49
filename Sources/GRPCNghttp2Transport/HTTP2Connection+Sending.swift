internal import CNghttp2
internal import GRPCCore
internal import NIOCore

/// Frames to the client.
extension HTTP2Connection {
  /// Bytes that are collected before they are written to the socket.
  private static let mostAtOnce = 64 << 10
  /// The most bytes of a status' message, encoded: it must fit the header lists that clients take.
  private static let mostOfMessage = 2048

  /// Lists a call among those that have something to send.
  func mark(slot: Int) {
    guard !calls[slot].isMarked, !calls[slot].streamIsClosed else { return }
    calls[slot].isMarked = true
    markedCalls.append(UInt32(slot))
    markForFlush()
  }

  /// Has the connection flushed once what is ready has run.
  func markForFlush() {
    guard !isMarked else { return }
    isMarked = true
    executor.flushLater(self)
  }

  /// Makes frames of all there is to send and writes them.
  func flush() {
    isMarked = false
    guard session != nil, let context, !isFlushing else { return }
    isFlushing = true
    submitMarkedCalls()
    // A client that takes no bytes gets no more of them collected: they stay with the calls, whose handlers wait. Writing can fail
    // and close the connection right here.
    while session != nil, context.channel.isWritable {
      outbound.clear(minimumCapacity: outbound.storageCapacity > Self.mostAtOnce * 4 ? 0 : outbound.storageCapacity)
      collectFrames()
      guard outbound.readableBytes > 0 else { break }
      context.writeAndFlush(wrapOutboundOut(outbound), promise: nil)
    }
    isFlushing = false
    closeIfDone()
    if readingIsHeld, context.channel.isWritable {
      readingIsHeld = false
      if wantsRead {
        wantsRead = false
        context.read()
      }
    }
  }

  private func collectFrames() {
    _ = withSession { session in
      while outbound.readableBytes < Self.mostAtOnce {
        var bytes: UnsafePointer<UInt8>?
        let count = nghttp2_session_mem_send(session, &bytes)
        guard count > 0 else {
          // Data goes to `outbound` by a callback, so nothing may be returned although there was something.
          if count < 0 { phase = .closing }
          return
        }
        outbound.writeBytes(UnsafeRawBufferPointer(start: bytes, count: count))
      }
    }
  }

  private func submitMarkedCalls() {
    // Submitting calls nobody back, so the list does not change meanwhile.
    for slot in markedCalls { submit(slot: Int(slot)) }
    markedCalls.removeAll(keepingCapacity: true)
  }

  private func submit(slot: Int) {
    guard calls[slot].isMarked, let session else { return }
    calls[slot].isMarked = false
    guard !calls[slot].streamIsClosed else { return }
    let streamID = calls[slot].streamID
    switch calls[slot].machine.takeHead() {
    case .head(let metadata):
      var source = nghttp2_data_provider()
      source.source.ptr = UnsafeMutableRawPointer(bitPattern: slot + 1)
      source.read_callback = SessionCallbacks.readData
      if metadata.isEmpty, !calls[slot].compressesResponse {
        let head = StaticFields.responseHead
        nghttp2_submit_response(session, streamID, head.baseAddress, head.count, &source)
      } else {
        fields.removeAll()
        fields.append(name: ":status", value: "200")
        fields.append(name: "content-type", value: "application/grpc")
        if calls[slot].compressesResponse { fields.append(name: "grpc-encoding", value: "gzip") }
        MetadataFields.append(metadata, to: &fields)
        _ = fields.withFields { fields, count in nghttp2_submit_response(session, streamID, fields, count, &source) }
      }
    case .trailersOnly(let status, let metadata):
      fields.removeAll()
      fields.append(name: ":status", value: "200")
      fields.append(name: "content-type", value: "application/grpc")
      appendStatus(status, metadata)
      _ = fields.withFields { fields, count in nghttp2_submit_response(session, streamID, fields, count, nil) }
    case .none:
      guard calls[slot].isDeferred, calls[slot].machine.hasOutput else { return }
      calls[slot].isDeferred = false
      nghttp2_session_resume_data(session, streamID)
    }
  }

  /// Adds what ends a call to `fields`.
  func appendStatus(_ status: Status, _ metadata: Metadata) {
    fields.append(name: "grpc-status") { $0.append(contentsOf: String(status.code.rawValue).utf8) }
    if !status.message.isEmpty {
      fields.append(name: "grpc-message") { bytes in
        PercentEncoding.append(status.message, to: &bytes, limit: Self.mostOfMessage)
      }
    }
    MetadataFields.append(metadata, to: &fields)
  }

  // MARK: Called by libnghttp2

  /// What libnghttp2 is to do about a call's messages.
  enum DataAnswer {
    /// Make a frame of this many bytes; with the last ones come the trailers.
    case send(Int, isLast: Bool)
    /// Nothing yet.
    case wait
    /// No more now: the socket's share is full.
    case pause
  }

  /// The client can take `limit` bytes of a call's messages.
  func dataWanted(slot: Int, streamID: Int32, limit: Int) -> DataAnswer {
    guard outbound.readableBytes < Self.mostAtOnce else {
      return .pause
    }
    let waiting = calls[slot].machine.outboundBytes
    let count = min(limit, waiting)
    if let trailers = calls[slot].machine.takeTrailers(after: count) {
      submitTrailers(streamID: streamID, trailers.status, trailers.metadata)
      return .send(count, isLast: true)
    }
    guard count > 0 else {
      calls[slot].isDeferred = true
      return .wait
    }
    return .send(count, isLast: false)
  }

  private func submitTrailers(streamID: Int32, _ status: Status, _ metadata: Metadata) {
    guard let session else { return }
    if status.code == .ok, status.message.isEmpty, metadata.isEmpty {
      let trailers = StaticFields.okTrailers
      nghttp2_submit_trailer(session, streamID, trailers.baseAddress, trailers.count)
      return
    }
    fields.removeAll()
    appendStatus(status, metadata)
    _ = fields.withFields { fields, count in nghttp2_submit_trailer(session, streamID, fields, count) }
  }

  /// A frame of a call's messages goes out.
  func sendData(slot: Int, header: UnsafeRawBufferPointer, count: Int) {
    outbound.writeBytes(header)
    calls[slot].machine.takeBytes(count) { outbound.writeBytes($0) }
    guard !calls[slot].writers.isEmpty, calls[slot].machine.outboundBytes <= configuration.messages.maxUnsentBytes / 2
    else {
      return
    }
    let writers = calls[slot].writers
    calls[slot].writers = []
    for writer in writers { writer.continuation.resume() }
  }
}

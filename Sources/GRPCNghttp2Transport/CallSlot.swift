internal import GRPCCore

/// A call's place in its connection: its machine, and who waits for it.
struct CallSlot {
  /// A handler that waits for the next part of the request.
  struct Reader {
    var wait: CallWait
    var continuation: UnsafeContinuation<RPCRequestPart<MessageBytes>?, any Error>
  }

  /// A handler that waits until some of what it wrote was sent.
  struct Writer {
    var wait: CallWait
    var continuation: UnsafeContinuation<Void, any Error>
  }

  var machine = CallMachine()
  var generation: UInt32 = 0
  var streamID: Int32 = 0
  /// Whether a call is in this place.
  var isTaken = false
  /// Whether HTTP/2 is done with the stream.
  var streamIsClosed = false
  /// Whether the handler has returned.
  var handlerReturned = false
  /// Whether the call is listed among those that have something to send.
  var isMarked = false
  /// Whether libnghttp2 was told that there is nothing to send, and waits to be told otherwise.
  var isDeferred = false
  /// Whether messages to the client may be compressed.
  var compressesResponse = false
  var isCancelled = false
  var cancellation: ServerContext.RPCCancellationHandle?
  var task: Task<Void, Never>?
  var reader: Reader?
  var writers: [Writer] = []

  /// Makes the place free for the next call.
  mutating func clear() {
    machine.recycle()
    generation &+= 1
    isTaken = false
    streamIsClosed = false
    handlerReturned = false
    isMarked = false
    isDeferred = false
    compressesResponse = false
    isCancelled = false
    cancellation = nil
    task = nil
  }
}

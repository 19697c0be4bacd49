internal import CNghttp2
internal import GRPCCore
internal import NIOCore
internal import NIOSSL
internal import NIOTLS

/// One client's connection: HTTP/2 by libnghttp2, the calls on it as plain state.
///
/// Bytes come in through `channelRead` and go to libnghttp2, whose callbacks (`SessionCallbacks`) tell the calls' machines. What
/// handlers write is collected in the machines until the loop's executor has run all tasks that were ready; then `flush` has
/// libnghttp2 make frames of all of it, and they go out in one write.
///
/// `@unchecked Sendable`: handlers on other threads hold a connection, but its state is touched on its event loop only;
/// `onLoop` is the way there.
final class HTTP2Connection: ChannelDuplexHandler, @unchecked Sendable {
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = Never
  typealias OutboundOut = ByteBuffer

  /// How far the connection is.
  enum Phase {
    /// The socket or TLS is not ready.
    case connecting
    /// The client has not sent all of its preface.
    case awaitingPreface
    case open
    /// No more is read; what is left to send is sent, then the socket is closed.
    case closing
    case closed
  }

  let loop: any EventLoop
  let executor: EventLoopExecutor
  let server: ConnectionServer
  var configuration: TransportConfiguration { server.configuration }

  var context: ChannelHandlerContext?
  var phase = Phase.connecting
  /// libnghttp2's state; nil once it was freed.
  var session: OpaquePointer?
  /// How deep in libnghttp2's functions we are: it must not be freed there.
  var sessionDepth = 0
  var preface = ClientPreface()

  // MARK: Calls

  var calls = ContiguousArray<CallSlot>()
  var freeSlots: [UInt32] = []
  /// Calls whose stream is open.
  var openStreams = 0
  /// Calls whose handler has not returned.
  var runningHandlers = 0
  /// The request whose header block is being received.
  var head = RequestHead()
  var fieldCache = FieldCache()
  var fields = FieldBlock()
  var budget: ReceiveBudget
  /// What is to be cancelled once libnghttp2 has returned: handlers must not run within it.
  var cancellations: [ServerContext.RPCCancellationHandle] = []

  // MARK: Sending

  /// Frames on their way to the socket.
  var outbound = ByteBuffer()
  /// Calls that have something to send.
  var markedCalls: [UInt32] = []
  /// Whether the executor was asked to flush this connection.
  var isMarked = false
  var isFlushing = false
  /// Whether this side is closed and the client's is waited for.
  var isLingering = false
  /// Bytes of requests that are to be given back to the connection's window.
  var consumedBytes = 0
  /// Whether the socket is not read because the client takes no answers.
  var readingIsHeld = false
  var wantsRead = false

  // MARK: Time

  var lifecycle: ConnectionLifecycle
  var deadlines = DeadlineQueue()
  var alarm: NIOScheduledCallback?
  var alarmTime: NIODeadline?
  /// Resets that this side had to send because of what the client did.
  var resetAllowance: ResetAllowance

  // MARK: Peers

  var remotePeer = "unknown"
  var localPeer = "unknown"
  var peerCertificate: NIOSSLCertificate?
  let usesTLS: Bool

  /// A connection that is about to be made.
  init(server: ConnectionServer, executor: EventLoopExecutor, usesTLS: Bool) {
    self.server = server
    self.executor = executor
    self.loop = executor.loop
    self.usesTLS = usesTLS
    let now = NIODeadline.now()
    lifecycle = ConnectionLifecycle(configuration: server.configuration, now: now, jitter: .random(in: 0.9...1.1))
    resetAllowance = ResetAllowance(now: now)
    budget = ReceiveBudget(limit: server.configuration.messages.maxReservedBytes)
  }

  deinit {
    // A connection is dropped only when its channel is closed and its handlers have returned.
    if let session { nghttp2_session_del(session) }
  }

  /// Runs `body` on the connection's loop, at once if that is where we are.
  func onLoop(_ body: @escaping @Sendable (HTTP2Connection) -> Void) {
    if loop.inEventLoop {
      body(self)
    } else {
      loop.execute {
        body(self)
      }
    }
  }

  // MARK: ChannelInboundHandler

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    session = SessionCallbacks.makeSession(for: self)
    server.connectionMade(self)
    if context.channel.isActive { connectionMade(context: context) }
  }

  func channelActive(context: ChannelHandlerContext) {
    connectionMade(context: context)
    context.fireChannelActive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    executor.holdDrain()
    receive(unwrapInboundIn(data))
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    executor.drain()
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    // Within `flush` this comes while bytes are being written, and the loop there looks for itself.
    if context.channel.isWritable, !isFlushing { flush() }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event {
    case TLSUserEvent.handshakeCompleted(let negotiatedProtocol):
      guard negotiatedProtocol == "h2" else {
        // gRPC is HTTP/2 only, and clients that negotiate say so.
        context.close(promise: nil)
        return
      }
      peerCertificate = try? context.channel.pipeline.syncOperations.nioSSL_peerCertificate()
      // The server may have stopped meanwhile.
      if phase == .connecting { phase = .awaitingPreface }
    default:
      break
    }
    context.fireUserInboundEventTriggered(event)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // A socket or TLS error: the connection is over, and `channelInactive` ends its calls.
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    executor.releaseDrain()
    connectionLost()
    context.fireChannelInactive()
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    connectionLost()
    self.context = nil
  }

  /// Delays reading while the client takes no answers, so that it cannot make us collect them.
  func read(context: ChannelHandlerContext) {
    if readingIsHeld {
      wantsRead = true
    } else {
      context.read()
    }
  }

  private func connectionMade(context: ChannelHandlerContext) {
    guard phase == .connecting else { return }
    remotePeer = PeerName.of(context.remoteAddress, fallback: context.localAddress)
    localPeer = PeerName.of(context.localAddress, fallback: context.remoteAddress)
    if !usesTLS { phase = .awaitingPreface }
    setAlarm()
  }
}

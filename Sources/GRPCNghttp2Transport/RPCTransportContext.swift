public import GRPCCore
public import NIOSSL

/// What this transport tells handlers besides what every transport does, as `ServerContext.transportSpecific`.
public struct RPCTransportContext: ServerContext.TransportSpecific {
  /// When the call must be over, from its `grpc-timeout`. The transport itself ends it with `DEADLINE_EXCEEDED` then. Nil if the
  /// client set no deadline.
  public let deadline: ContinuousClock.Instant?

  /// The certificate that the client has shown, with mutual TLS.
  public let peerCertificate: NIOSSLCertificate?
}

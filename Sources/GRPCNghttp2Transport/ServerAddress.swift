internal import NIOCore

/// Where a server listens.
public enum ServerAddress: Sendable, Hashable, CustomStringConvertible {
  /// A host, by name or by IPv4 or IPv6 address, and a port; 0 lets the system choose one.
  case host(String, port: Int)

  /// A Unix-domain socket. A socket that is left over at the path is replaced.
  case unixDomainSocket(path: String)

  /// The address of a socket, if it is of a kind that servers listen on.
  init?(_ address: SocketAddress) {
    switch address {
    case .v4, .v6:
      guard let host = address.ipAddress, let port = address.port else { return nil }
      self = .host(host, port: port)
    case .unixDomainSocket:
      self = .unixDomainSocket(path: address.pathname ?? "")
    }
  }

  /// `127.0.0.1:50051`, `[::1]:50051`, `unix:/run/executor.sock`.
  public var description: String {
    switch self {
    case .host(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    case .unixDomainSocket(let path): "unix:\(path)"
    }
  }

  /// The port, if there is one.
  public var port: Int? {
    if case .host(_, let port) = self { port } else { nil }
  }
}

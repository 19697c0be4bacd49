internal import NIOCore

/// How `ServerContext` names a peer: `ipv4:127.0.0.1:31415`, `ipv6:[::1]:443`, `unix:/run/executor.sock`.
enum PeerName {
  /// The name of an address.
  ///
  /// - Parameter fallback: The address of the connection's other end. A client of a Unix-domain socket has none of its own.
  static func of(_ address: SocketAddress?, fallback: SocketAddress?) -> String {
    switch address {
    case .v4(let address):
      "ipv4:\(address.host.isEmpty ? text(of: .v4(address)) : address.host):\(port(of: .v4(address)))"
    case .v6: "ipv6:[\(address.map(text) ?? "")]:\(address.map(port) ?? 0)"
    case .unixDomainSocket:
      if let path = address?.pathname, !path.isEmpty { "unix:\(path)" } else { "unix:\(fallback?.pathname ?? "")" }
    case nil: "unknown"
    }
  }

  private static func text(of address: SocketAddress) -> String { address.ipAddress ?? "" }

  private static func port(of address: SocketAddress) -> Int { address.port ?? 0 }
}

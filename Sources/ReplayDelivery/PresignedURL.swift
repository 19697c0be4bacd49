/// A URL that lets whoever holds it do one thing for a while. It is a secret: `description` leaves the signature out.
public struct PresignedURL: Equatable, Sendable {
  /// The whole URL, for the request itself and for tickets; never for logs, errors or results.
  public let secretText: String

  /// A URL that was signed already.
  public init(secretText: String) { self.secretText = secretText }

  /// Scheme, host and port, such as `https://s3.example.com:9000`; nil where it has none that can be used.
  var origin: String? {
    for scheme in ["https://", "http://"] where secretText.hasPrefix(scheme) {
      let host = secretText.dropFirst(scheme.count).prefix { $0 != "/" && $0 != "?" && $0 != "#" }
      guard !host.isEmpty, !host.contains("@") else { return nil }
      return scheme + host
    }
    return nil
  }
}

extension PresignedURL: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// The URL without its query.
  public var description: String { secretText.prefix { $0 != "?" } + "?…" }

  /// The URL without its query.
  public var debugDescription: String { description }

  /// Nothing: `dump` shows no more than `print`.
  public var customMirror: Mirror { Mirror(self, children: []) }
}

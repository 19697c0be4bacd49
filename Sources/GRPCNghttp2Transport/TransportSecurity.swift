public import NIOSSL

/// Whether connections are encrypted.
public struct TransportSecurity: Sendable {
  /// What NIOSSL is configured with; nil for no TLS.
  let tls: TLSConfiguration?

  /// No encryption.
  public static let plaintext = Self(tls: nil)

  /// TLS as configured. The protocol that is negotiated is `h2`, whatever the configuration says.
  public static func tls(_ configuration: TLSConfiguration) -> Self {
    var configuration = configuration
    configuration.applicationProtocols = ["h2"]
    return Self(tls: configuration)
  }

  /// TLS, at least 1.2, with certificates from PEM files.
  ///
  /// - Parameters:
  ///   - certificateChain: The server's certificate, and those between it and the root.
  ///   - privateKey: The key of the first.
  ///   - clientRoots: If given, clients must show a certificate that one of these has signed (mutual TLS). Handlers find it in
  ///     `RPCTransportContext`.
  /// - Throws: What is wrong with a file.
  public static func tls(
    certificateChain: String,
    privateKey: String,
    clientRoots: String? = nil
  ) throws -> Self {
    let chain = try NIOSSLCertificate.fromPEMFile(certificateChain).map(NIOSSLCertificateSource.certificate)
    let key = try NIOSSLPrivateKey(file: privateKey, format: .pem)
    var configuration = TLSConfiguration.makeServerConfiguration(certificateChain: chain, privateKey: .privateKey(key))
    configuration.minimumTLSVersion = .tlsv12
    if let clientRoots {
      configuration.trustRoots = .file(clientRoots)
      configuration.certificateVerification = .noHostnameVerification
    }
    return tls(configuration)
  }
}

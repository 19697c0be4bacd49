import GRPCCore
import GRPCNIOTransportHTTP2
import GRPCNghttp2Transport
import NIOSSL
import TestSupport
import Testing

@Suite("TLS", .timeLimit(.minutes(10)))
struct TLSTests {
  private static let name: RunningServer.Handler = { _, context in
    let certificate = (context.transportSpecific as? RPCTransportContext)?.peerCertificate
    let text = certificate.map { "\($0)" } ?? "nobody"
    return StreamingServerResponse(single: ServerResponse(message: Array(text.utf8)))
  }

  @Test("keeps calls as they are")
  func plain() async throws {
    let files = try await TestCertificates()
    let security = try TransportSecurity.tls(
      certificateChain: files.file("server.pem"),
      privateKey: files.file("server.key")
    )
    try await RunningServer.run(security: security, methods: ["Name": Self.name]) { server async throws in
      try await server.withClient(
        .tls { $0.trustRoots = .certificates([.file(path: files.file("root.pem"), format: .pem)]) }
      ) {
        client async throws in
        for count in [0, 1000, 300_000] {
          let message = [UInt8](repeating: 3, count: count)
          #expect(try await client.call("Echo", message).message == message)
        }
        #expect(try await client.call("Name").message == Array("nobody".utf8))
      }
    }
  }

  @Test("with clients' certificates lets those in that the root has signed, and names them")
  func mutual() async throws {
    let files = try await TestCertificates()
    let security = try TransportSecurity.tls(
      certificateChain: files.file("server.pem"),
      privateKey: files.file("server.key"),
      clientRoots: files.file("root.pem")
    )
    try await RunningServer.run(security: security, methods: ["Name": Self.name]) { server async throws in
      func answer(as name: String?) async throws -> String {
        let security = HTTP2ClientTransport.Posix.TransportSecurity.tls { tls in
          tls.trustRoots = .certificates([.file(path: files.file("root.pem"), format: .pem)])
          if let name {
            tls.certificateChain = [.file(path: files.file(name + ".pem"), format: .pem)]
            tls.privateKey = .file(path: files.file(name + ".key"), format: .pem)
          }
        }
        return try await server.withClient(security) { client async throws in
          // A refused certificate shows only when the client uses the connection; it must not try for ever.
          var options = CallOptions.defaults
          options.waitForReady = false
          options.timeout = .seconds(100)
          return String(decoding: try await client.call("Name", options: options).message, as: UTF8.self)
        }
      }
      #expect(try await answer(as: "client").contains("client"))
      await #expect(throws: RPCError.self) { try await answer(as: nil) }
      await #expect(throws: RPCError.self) { try await answer(as: "imposter") }
    }
  }

  @Test("that does not agree on HTTP/2 is no connection")
  func otherProtocol() async throws {
    let files = try await TestCertificates()
    let security = try TransportSecurity.tls(
      certificateChain: files.file("server.pem"),
      privateKey: files.file("server.key")
    )
    try await RunningServer.run(security: security) { server async throws in
      #expect(try await Self.protocols(port: server.port, offered: "http/1.1", files) == false)
      #expect(try await Self.protocols(port: server.port, offered: "h2", files))
    }
  }

  @Test("that cannot be set up is an error that says so")
  func missingFile() throws {
    #expect(throws: (any Error).self) {
      try TransportSecurity.tls(certificateChain: "/nowhere.pem", privateKey: "/nowhere.key")
    }
  }

  /// Whether the server goes on with a client of openssl that offers one protocol.
  private static func protocols(port: Int, offered: String, _ files: TestCertificates) async throws -> Bool {
    let script = """
      import socket, ssl, sys
      context = ssl.create_default_context(cafile=sys.argv[3])
      context.set_alpn_protocols([sys.argv[2]])
      try:
          with socket.create_connection(("127.0.0.1", int(sys.argv[1])), 10) as plain, context.wrap_socket(plain, server_hostname="localhost") as tls:
              tls.sendall(b"PRI * HTTP/2.0\\r\\n\\r\\nSM\\r\\n\\r\\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0]))
              print("open" if tls.recv(9) else "closed")
      except (ssl.SSLError, ConnectionError):
          print("closed")
      """
    let arguments = ["-c", script, "\(port)", offered, files.file("root.pem")]
    let process = try ChildProcess(TestPython.executable.path, arguments, folder: files.folder, name: "client")
    guard await process.end(within: 60) == .status(0) else {
      throw ChildProcess.Failure(description: process.standardError)
    }
    return process.standardOutput == "open\n"
  }
}

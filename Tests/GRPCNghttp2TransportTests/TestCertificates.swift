import Foundation
import TestSupport

/// A root of trust with a server's and a client's certificate, and a stranger's root, made by openssl in a folder of their own.
final class TestCertificates: Sendable {
  let folder: URL

  init() async throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "certificates-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for root in ["root", "stranger"] {
      try await openssl(
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=\(root)",
        "-keyout",
        file(root + ".key"),
        "-out",
        file(root + ".pem")
      )
    }
    for (name, root) in [("server", "root"), ("client", "root"), ("imposter", "stranger")] {
      try await openssl(
        "req",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-subj",
        "/CN=\(name)",
        "-keyout",
        file(name + ".key"),
        "-out",
        file(name + ".csr")
      )
      try Data("subjectAltName=DNS:localhost,IP:127.0.0.1\n".utf8).write(to: folder.appending(path: "extensions"))
      try await openssl(
        "x509",
        "-req",
        "-in",
        file(name + ".csr"),
        "-CA",
        file(root + ".pem"),
        "-CAkey",
        file(root + ".key"),
        "-CAcreateserial",
        "-days",
        "2",
        "-extfile",
        file("extensions"),
        "-out",
        file(name + ".pem")
      )
    }
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// The path of a file in the folder.
  func file(_ name: String) -> String { folder.appending(path: name).path }

  private func openssl(_ arguments: String...) async throws {
    let process = try ChildProcess("/usr/bin/openssl", arguments, folder: folder, name: "openssl")
    guard await process.end(within: 60) == .status(0) else {
      throw ChildProcess.Failure(description: "openssl \(arguments[0]): \(process.standardError)")
    }
  }
}

import ArenaSystem
import FlyingFox
import Foundation
import Glibc
import Replay

/// Serves the page of one replay to browsers on this machine: made anew for each request, so that a reload of the page shows what has been
/// recorded since.
actor ReplayPageServer: HTTPHandler {
  private let path: String

  /// A server of the replay at `path`.
  init(path: String) { self.path = path }

  /// Answers GET and HEAD of `/`. One page is made at a time.
  func handleRequest(_ request: HTTPRequest) async throws -> HTTPResponse {
    // A site that gets its name to lead to this address could read the replay otherwise.
    guard Self.isLoopback(request.headers[.host]) else {
      return Self.response(.forbidden, "This server answers to 127.0.0.1 and localhost only.\n")
    }
    guard request.path == "/" else { return Self.response(.notFound, "There is only one page here: /\n") }
    guard request.method == .GET || request.method == .HEAD else {
      var response = Self.response(.methodNotAllowed, "The page can only be read: GET or HEAD.\n")
      response.headers[HTTPHeader("Allow")] = "GET, HEAD"
      return response
    }
    do {
      return Self.response(.ok, try page(), "text/html", isHead: request.method == .HEAD)
    } catch {
      return Self.response(.internalServerError, "\(error)\n")
    }
  }

  /// The page, in a file that nobody else can open and that is gone once it is sent.
  private func page() throws -> Data {
    var template = Array((NSTemporaryDirectory() + "/replay-page-XXXXXX").utf8CString)
    let descriptor = mkstemp(&template)
    guard descriptor >= 0 else { throw SystemFailure("making a temporary file in \(NSTemporaryDirectory())", errno) }
    defer { close(descriptor) }
    unlink(template)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    do {
      try ReplayExport.write(ReplayReader(path: path), as: .html, to: descriptor)
    } catch is ReplayError where lseek(descriptor, 0, SEEK_CUR) > 0 {
      // The page holds everything before the damage, and says that it breaks off.
    }
    return try Data(contentsOf: URL(filePath: "/proc/self/fd/\(descriptor)"), options: .alwaysMapped)
  }

  private static func isLoopback(_ host: String?) -> Bool {
    guard let host else { return false }
    let name = host.range(of: #":[0-9]+$"#, options: .regularExpression).map { host[..<$0.lowerBound] } ?? host[...]
    return ["127.0.0.1", "localhost", "[::1]"].contains(name.lowercased())
  }

  private static func response(_ status: HTTPStatusCode, _ text: String) -> HTTPResponse {
    response(status, Data(text.utf8), "text/plain")
  }

  private static func response(_ status: HTTPStatusCode, _ body: Data, _ type: String, isHead: Bool = false)
    -> HTTPResponse
  {
    HTTPResponse(
      statusCode: status,
      headers: [
        .contentType: "\(type); charset=utf-8", .cacheControl: "no-store", .contentLength: "\(body.count)",
        HTTPHeader("X-Content-Type-Options"): "nosniff", HTTPHeader("Referrer-Policy"): "no-referrer",
        HTTPHeader("Cross-Origin-Resource-Policy"): "same-origin",
        HTTPHeader("Content-Security-Policy"): "frame-ancestors 'none'",
      ],
      body: HTTPBodySequence(data: isHead ? Data() : body, suggestedBufferSize: 65_536)
    )
  }
}

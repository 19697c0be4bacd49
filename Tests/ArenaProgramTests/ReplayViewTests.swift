import Foundation
import Glibc
import TestSupport
import Testing

/// `arena replay view`: a server for one page.
@Suite struct ReplayViewTests {
  private let workshop: Workshop

  init() throws { workshop = try Workshop() }

  /// An answer of the server, as Python's HTTP client gives it.
  private struct Answer: Decodable {
    var status: Int
    var headers: [String: String]
    var body: String
  }

  /// Starts the server, and returns it with its port.
  private func serve(_ path: String, _ options: [String] = []) async throws -> (ChildProcess, port: Int) {
    let server = try workshop.start(["replay", "view", path] + options)
    let isServing = await Workshop.eventually { server.standardOutput.hasSuffix("/\n") }
    #expect(isServing, "\(server.standardError)")
    let url = try #require(URL(string: server.standardOutput.trimmingCharacters(in: .whitespacesAndNewlines)))
    #expect(url.host() == "127.0.0.1")
    return (server, try #require(url.port))
  }

  private func ask(_ port: Int, _ method: String = "GET", _ path: String = "/", host: String? = nil) async throws
    -> Answer
  {
    let script = """
      import http.client, json, sys
      port, method, path, host = sys.argv[1:]
      connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=60)
      connection.request(method, path, headers={"Host": host} if host else {})
      answer = connection.getresponse()
      body = answer.read().decode()
      print(json.dumps({"status": answer.status, "headers": {k.lower(): v for k, v in answer.getheaders()}, "body": body}))
      """
    let output = try await TestPython.run(script, arguments: ["\(port)", method, path, host ?? "127.0.0.1:\(port)"])
    return try JSONDecoder().decode(Answer.self, from: output)
  }

  /// Ends the server as Ctrl-C does.
  private func end(_ server: ChildProcess) async throws {
    server.send(SIGINT)
    let outcome = try await workshop.finish(server)
    #expect(outcome.status == 0, "\(outcome.standardError)")
  }

  private func replay() async throws -> String {
    let (_, outcome) = try await workshop.play(["builtin:random", "builtin:noop"])
    #expect(outcome.status == 0)
    return "replays/" + (try workshop.file(endingIn: ".mcap").lastPathComponent)
  }

  @Test func `it serves the page, to this machine only`() async throws {
    let (server, port) = try await serve(try await replay())
    let page = try await ask(port)
    #expect(page.status == 200 && page.body.hasPrefix("<!doctype html>") && page.body.hasSuffix("</html>\n"))
    #expect(page.body.contains("random vs noop") && page.body.contains(#"data-frames="40""#))
    #expect(page.headers["content-type"] == "text/html; charset=utf-8" && page.headers["cache-control"] == "no-store")
    #expect(page.headers["x-content-type-options"] == "nosniff")
    #expect(page.headers["content-length"] == "\(page.body.utf8.count)")
    let head = try await ask(port, "HEAD")
    #expect(head.status == 200 && head.body.isEmpty && head.headers["content-length"] == page.headers["content-length"])
    for host in ["localhost", "LOCALHOST:1", "127.0.0.1", "[::1]:80"] {
      #expect(try await ask(port, host: host).status == 200, "\(host)")
    }
    // A name that somebody else has made to lead here.
    for host in [
      "evil.example", "evil.example:\(port)", "127.0.0.1.evil.example", "localhost@evil.example", ":\(port)",
    ] {
      let refused = try await ask(port, host: host)
      #expect(refused.status == 403 && !refused.body.contains("random"), "\(host)")
    }
    #expect(try await ask(port, "GET", "/../etc/passwd").status == 404)
    #expect(try await ask(port, "GET", "/favicon.ico").status == 404)
    let post = try await ask(port, "POST")
    #expect(post.status == 405 && post.headers["allow"] == "GET, HEAD")
    // The kernel tells of sockets page by page: of one that moves between two pages it tells twice, or not at all.
    var listening: Set<Substring> = []
    for _ in 0..<100 where listening.isEmpty {
      let sockets = try String(contentsOfFile: "/proc/net/tcp", encoding: .utf8).split(separator: "\n")
      listening = Set(
        sockets.compactMap { line in
          let fields = line.split(separator: " ")
          return fields.count > 3 && fields[1].hasSuffix(":" + String(format: "%04X", port)) && fields[3] == "0A"
            ? fields[1] : nil
        }
      )
    }
    #expect(listening.count == 1 && listening.first?.hasPrefix("0100007F:") == true, "\(listening)")
    try await end(server)
  }

  @Test func `a reload shows what has come since`() async throws {
    let path = try await replay()
    let file = workshop.workingDirectory.appending(path: path)
    let whole = try Data(contentsOf: file)
    try whole.prefix(whole.count / 2).write(to: file)
    let (server, port) = try await serve(path)
    #expect(try await ask(port).body.contains(#"<p class="sentence"><bdi>Nothing of this match is recorded yet"#))
    try whole.write(to: file)
    #expect(try await ask(port).body.contains(#"data-frames="40""#))
    try FileManager.default.removeItem(at: file)
    let gone = try await ask(port)
    #expect(gone.status == 500 && gone.body.contains(path), "\(gone.body)")
    try await end(server)
  }

  @Test func `it says what is in the way of serving`() async throws {
    let path = try await replay()
    let missing = try await workshop.run(["replay", "view", "missing.mcap"])
    #expect(missing.status == 1 && missing.standardError.hasPrefix("Error: missing.mcap"))
    #expect(try await workshop.run(["replay", "view", path, "--port", "70000"]).status == 2)
    let (server, port) = try await serve(path)
    let second = try await workshop.run(["replay", "view", path, "--port", "\(port)"])
    #expect(
      second.status == 1 && second.standardError.contains("127.0.0.1:\(port) cannot be served"),
      "\(second.standardError)"
    )
    #expect(second.standardError.split(separator: "\n").count == 1)
    try await end(server)
    // The port that was asked for is the one that is served.
    let (third, same) = try await serve(path, ["--port", "\(port)"])
    #expect(same == port)
    try await end(third)
  }

  @Test func `a replay that names no match has no page`() async throws {
    let path = try await replay()
    let file = workshop.workingDirectory.appending(path: path)
    var bytes = try Data(contentsOf: file)
    // Nothing but the magic bytes and the Header.
    bytes = bytes.prefix(8 + 9 + 4 + "rl-arena".count + 4 + "rl-arena-replay 1.0".count)
    try bytes.write(to: file)
    let outcome = try await workshop.run(["replay", "view", path])
    #expect(
      outcome.status == 1 && outcome.standardError.contains("it does not say which match it is of"),
      "\(outcome.standardError)"
    )
  }
}

import ArenaCore
import ArenaSystem
import Foundation
import TestSupport
import Testing

@testable import Replay

/// Replays as pages. What their blocks hold is tested in `Tests/Page`, by libraries that are not ours, and so is how they look in a browser.
@Suite struct HTMLExportTests {
  let folder: ReplayFolder

  init() throws { folder = try ReplayFolder() }

  private static let time = ReplayWriter.sampleTime

  private func match(_ agents: [String] = ["left", "right"], result: String? = nil) throws -> ReplayMatch {
    var metadata = [
      "match": ["match_id": "match_123", "environment": "pong", "seed": "7"],
      "environment": [
        "configuration": "{}",
        "observation": #"{"size":16,"space":{"type":"Box","dtype":"float32","shape":[4],"low":null,"high":null}}"#,
        "action": #"{"size":8,"space":{"type":"Discrete","n":3}}"#,
      ],
    ]
    for (index, agent) in agents.enumerated() { metadata["agent \(index)"] = ["agent_id": agent] }
    if let result { metadata["result"] = ["json": result] }
    return try ReplayMatch(metadata: metadata)
  }

  private func heading(steps: Int) -> ReplayHeading {
    ReplayHeading(totalSteps: steps, startTime: Self.time, endTime: Self.time + 1_500_000_000)
  }

  /// The page of so many frames.
  private func page(_ match: ReplayMatch, frames: Int = 0, adjust: (inout ReplayFrame) -> Void = { _ in }) throws
    -> String
  {
    let descriptor = open(folder.path("page.html"), O_RDWR | O_CREAT | O_TRUNC, 0o644)
    defer { close(descriptor) }
    var export = HTMLExport(match, heading(steps: frames), to: descriptor)
    for step in 0..<frames {
      var frame = Self.frame(step + 1)
      adjust(&frame)
      try export.add(.frame(frame))
    }
    try export.finish()
    return try String(contentsOfFile: folder.path("page.html"), encoding: .utf8)
  }

  private static func frame(_ step: Int) -> ReplayFrame {
    let seat = ReplayFrame.Seat(
      observation: (0..<16).map { UInt8(truncatingIfNeeded: step &* (7 + $0)) },
      action: [UInt8(step % 3), 0, 0, 0, 0, 0, 0, 0],
      thinkTimeMicroseconds: UInt64(step % 90)
    )
    return ReplayFrame(step: step, game: 0, timeNanoseconds: time + UInt64(step) * 30_000, seats: [seat, seat])
  }

  private func attribute(_ name: String, in page: String) -> [String] {
    page.matches(of: /data-([a-z]+)="([^"]*)"/).filter { $0.output.1 == name }.map { String($0.output.2) }
  }

  // MARK: - Sentences

  private func sentence(_ result: String?, steps: Int = 4000) throws -> String {
    ReplayHeadline(try match(result: result), heading(steps: steps)).sentence
  }

  @Test func `a sentence says who won, and how`() throws {
    #expect(
      try sentence(#"{"status":"success","winner_agent_id":"left","execution_time_sec":0.184}"#)
        == "left wins after 4,000 steps in 0.18 s."
    )
    #expect(
      try sentence(#"{"status":"success","execution_time_sec":0.0123}"#, steps: 1) == "A draw after 1 step in 13 ms."
    )
    let games =
      #"{"winner_agent_id":"left"},{"winner_agent_id":"right"},{"winner_agent_id":"left"}"#
    #expect(
      try sentence(
        #"{"status":"success","winner_agent_id":"left","execution_time_sec":75,"games":[\#(games)]}"#,
        steps: 1_234_567
      ) == "left wins 2 of 3 games after 1,234,567 steps in 1 min 15 s."
    )
    #expect(
      try sentence(
        #"{"status":"success","winner_agent_id":"left","execution_time_sec":1,"error_message":"right forfeited."}"#
      ) == "left wins after 4,000 steps in 1.00 s: right forfeited."
    )
  }

  @Test func `a sentence says why nobody won`() throws {
    #expect(
      try sentence(#"{"status":"timeout","execution_time_sec":300,"error_message":"the match took 300 s"}"#)
        == "No winner after 4,000 steps in 5 min 0 s: the match took 300 s."
    )
    #expect(
      try sentence(#"{"status":"error","error_message":"no agent started"}"#, steps: 0)
        == "The match failed: no agent started."
    )
    #expect(
      try sentence(#"{"status":"cancelled","execution_time_sec":7200}"#) == "Cancelled after 4,000 steps in 2 h 0 min."
    )
    #expect(try sentence(nil).hasPrefix("The recording breaks off after 4,000 steps: "))
    #expect(try sentence(nil, steps: 0).hasPrefix("Nothing of this match is recorded"))
    // Whatever a file says as its result, there is a sentence.
    for result in [
      "7", "{}", #"{"status":5,"games":3,"execution_time_sec":"x"}"#,
      #"{"status":"success","execution_time_sec":1e300}"#,
    ] {
      #expect(try sentence(result).hasSuffix("."))
    }
  }

  // MARK: - Text

  @Test(arguments: [
    "</title><script>alert(1)</script>", "\" onload=\"x", "{{program}}{{style}}", "<!-- ", "]]>", "&lt;",
    "\u{0}\u{1b}[31m",
  ])
  func `words of strangers stay words`(_ word: String) throws {
    let plain = try page(try match(["agent", "agent"]), frames: 2)
    let page = try page(try match([word, word]), frames: 2) {
      $0.seats[0].note = word
      $0.seats[1].faultMessage = word
      $0.info = word
    }
    // As many tags, comments and scripts as in any page.
    for mark in ["<script", "</script", "<!--", "<"] {
      func count(_ text: String) -> Int { text.components(separatedBy: mark).count }
      #expect(count(page) == count(plain), "\(mark)")
    }
    #expect(!page.contains(#"" onload="x"#))
    #expect(!page.contains("\u{1b}") && !page.contains("\u{0}"))
  }

  @Test func `the policy allows the page's own style and program, and nothing else`() async throws {
    let page = try page(try match())
    let policy = try #require(page.firstMatch(of: /Content-Security-Policy" content="([^"]*)"/)).output.1
    let directives = policy.split(separator: "; ").map { $0.split(separator: " ").map(String.init) }
    #expect(directives.first == ["default-src", "'none'"])
    for (name, open, close) in [
      ("script-src", "<script type=\"module\">", "</script>"), ("style-src", "<style>", "</style>"),
    ] {
      let content = try #require(page.range(of: open)).upperBound
      let text = page[content..<(try #require(page.range(of: close, range: content..<page.endIndex))).lowerBound]
      let hash = try await TestPython.run(
        "import base64, hashlib, sys; print(base64.b64encode(hashlib.sha256(sys.stdin.buffer.read()).digest()).decode(), end='')",
        input: Data(text.utf8)
      )
      #expect(directives.contains([name, "'sha256-\(String(decoding: hash, as: UTF8.self))'"]))
    }
    #expect(!policy.contains("unsafe") && !policy.contains("http"))
    #expect(
      page.contains("href=\"data:") && !page.contains(" src=") && page.components(separatedBy: " href=").count == 2
    )
  }

  // MARK: - Blocks

  @Test func `a block closes at 1024 frames, at a game's end, and where there are many bytes`() throws {
    #expect(attribute("frames", in: try page(try match(), frames: 2500)) == ["1024", "1024", "452"])
    #expect(attribute("frames", in: try page(try match(), frames: 3) { $0.game = $0.step }) == ["1", "1", "1"])
    let info = String(repeating: "x", count: 100_000)
    let large = attribute("frames", in: try page(try match(), frames: 10) { $0.info = info })
    #expect(large.compactMap { Int($0) }.reduce(0, +) == 10)
    #expect(large.allSatisfy { $0 == "3" || $0 == "1" }, "\(large)")
  }

  @Test func `equal faults in a row are one`() throws {
    let page = try page(try match(), frames: 1100) {
      if $0.step >= 5 { $0.seats[1].fault = .timeout }
      if $0.step == 9 { $0.seats[0].fault = .exception }
      if $0.step == 20 { $0.seats[1].fault = .invalidAction }
    }
    #expect(attribute("faults", in: page) == ["4-18.1.1 19-19.1.2 8-8.0.3 20-1023.1.1", "0-75.1.1"])
  }

  @Test func `seats may come and go`() throws {
    let page = try page(try match(), frames: 6) {
      if $0.step == 3 || $0.step == 4 { $0.seats.removeLast() }
      if $0.step == 5 { $0.seats.append($0.seats[0]) }
      if $0.step == 6 { $0.seats = [] }
    }
    #expect(attribute("frames", in: page) == ["2", "2", "1", "1"])
  }

  @Test func `what cannot be written is an error`() throws {
    let full = open("/dev/full", O_WRONLY)
    defer { close(full) }
    #expect(throws: SystemFailure.self) {
      var export = HTMLExport(try match(), heading(steps: 1), to: full)
      try export.add(.frame(Self.frame(1)))
      try export.finish()
    }
  }
}

import AgentProtocol
import Foundation
import Testing

@testable import MatchEngine

/// What agents say, kept within bounds.
@Suite struct AgentInboxTests {
  static func json(_ value: some Encodable) -> [UInt8] { Array(ControlFrame.encode(.log, value).dropFirst(16)) }

  private func log(_ text: String, _ inbox: AgentInbox, agent: Int = 0) {
    Self.json(LogPayload(text: text)).withUnsafeBytes { inbox.readLog(agent: agent, $0) }
  }

  @Test func `the end of a log is kept, in lines of bounded length`() throws {
    let inbox = AgentInbox(waking: try WakeSignal())
    #expect(inbox.logTail(agent: 0) == nil)
    for number in 0..<100 { log("line \(number)", inbox) }
    log(String(repeating: "🏓", count: 10_000), inbox)
    let lines = try #require(inbox.logTail(agent: 0)).split(separator: "\n")
    #expect(lines.count == 40)
    #expect(lines[0] == "line 61")
    #expect(lines[39].utf8.count <= 520 && lines[39].hasPrefix("🏓"))
    #expect(!lines[39].contains("\u{FFFD}"))
    #expect(inbox.logTail(agent: 1) == nil)
    #expect(inbox.takeEvents().isEmpty)
  }

  @Test func `a complaint is kept under the number of its fault, with the end of its traceback`() throws {
    let inbox = AgentInbox(waking: try WakeSignal())
    let traceback = String(repeating: "é", count: 20_000) + "ZeroDivisionError"
    let complaint = Self.json(ErrorPayload(message: String(repeating: "m✓", count: 3000), traceback: traceback))
    complaint.withUnsafeBytes { inbox.readComplaint(agent: 1, fault: 3, isKept: true, $0) }
    #expect(inbox.complaint(agent: 1, fault: 1) == nil)
    #expect(inbox.complaint(agent: 0, fault: 3) == nil)
    let kept = try #require(inbox.complaint(agent: 1, fault: 3))
    #expect(kept.message.utf8.count <= 2051 && kept.message.hasPrefix("m✓") && !kept.message.contains("\u{FFFD}"))
    let end = try #require(kept.traceback)
    #expect(end.utf8.count <= 16_390 && end.hasSuffix("ZeroDivisionError") && !end.contains("\u{FFFD}"))
  }

  @Test func `a payload that cannot be read is an event, and wakes the loop`() throws {
    let wake = try WakeSignal()
    let inbox = AgentInbox(waking: wake)
    for (index, text) in ["{", "[]", #"{"text": 1}"#].enumerated() {
      Array(text.utf8).withUnsafeBytes { inbox.readLog(agent: index, $0) }
      #expect(StepDeadlineTests.wait(wake, milliseconds: 10_000) != nil)
      guard case .violation(index, .badPayload(.log, _))? = inbox.takeEvents().first else {
        Issue.record("no violation for \(text)")
        continue
      }
    }
  }

  @Test func `an introduction is an event, read or not`() throws {
    let wake = try WakeSignal()
    let inbox = AgentInbox(waking: wake)
    Self.json(HelloPayload(protocolVersions: [1, 7])).withUnsafeBytes { inbox.readHello(agent: 0, $0) }
    #expect(StepDeadlineTests.wait(wake, milliseconds: 10_000) != nil)
    guard case .hello(0, .success(let hello))? = inbox.takeEvents().first else {
      Issue.record("no hello")
      return
    }
    #expect(hello.protocolVersions == [1, 7])
    [UInt8]().withUnsafeBytes { inbox.readHello(agent: 0, $0) }
    #expect(StepDeadlineTests.wait(wake, milliseconds: 10_000) != nil)
    guard case .hello(0, .failure)? = inbox.takeEvents().first else {
      Issue.record("no refusal")
      return
    }
  }

  @Test func `of all an agent's words those about the reported fault and the newest are kept`() throws {
    let inbox = AgentInbox(waking: try WakeSignal())
    for number in 1...200 {
      Self.json(ErrorPayload(message: "fault \(number)")).withUnsafeBytes {
        inbox.readComplaint(agent: 0, fault: number, isKept: number == 1 || number == 150, $0)
      }
    }
    #expect(inbox.complaint(agent: 0, fault: 150)?.message == "fault 150")
    #expect(inbox.complaint(agent: 0, fault: 1) == nil, "the report is about another fault by now")
    #expect(inbox.complaint(agent: 0, fault: 199) == nil)
    #expect(inbox.complaint(agent: 0, fault: 200)?.message == "fault 200", "its frame may not be recorded yet")
  }
}

import AgentProtocol
import Testing

@testable import MatchEngine

/// The rules of `docs/PROTOCOL.md` section 4, as sequences of events and what each must come to.
@Suite struct ConversationTests {
  /// Something that happens in a conversation.
  enum Event: Sendable {
    /// The orchestrator's part.
    case welcome, reset(UInt64), observe, giveUp
    /// A frame from the agent, and what it means.
    case frame(FrameKind, UInt64 = 0, flags: UInt8 = 0, bytes: UInt32 = 2, is: Conversation.Reception)
    /// A frame from the agent that breaks the rules, and how.
    case violation(FrameKind, UInt64 = 0, flags: UInt8 = 0, bytes: UInt32 = 2, is: String)
  }

  struct Story: Sendable, CustomTestStringConvertible {
    var name: String
    var events: [Event]
    var testDescription: String { name }

    init(_ name: String, _ events: [Event]) {
      self.name = name
      self.events = events
    }
  }

  static let greeted: [Event] = [.frame(.hello, is: .hello), .welcome]
  static let loaded = greeted + [.frame(.ready, is: .loaded)]
  static let playing = loaded + [.reset(1), .frame(.ready, 1, is: .reset)]

  static let stories: [Story] = [
    Story("hello comes first", [.violation(.ready, is: "unexpected")]),
    Story("not even a log before hello", [.violation(.log, is: "unexpected")]),
    Story("hello twice before welcome", [.frame(.hello, is: .hello), .violation(.hello, is: "unexpected")]),
    Story("nothing before welcome", [.frame(.hello, is: .hello), .violation(.log, is: "unexpected")]),
    Story("hello again after welcome", greeted + [.violation(.hello, is: "unexpected")]),
    Story("hello again in a game", playing + [.violation(.hello, is: "unexpected")]),
    Story("ready with another sequence while loading", greeted + [.violation(.ready, 1, is: "unexpected")]),
    Story("an act while loading", greeted + [.violation(.act, 1, is: "unexpected")]),
    Story(
      "logs while loading",
      greeted + [.frame(.log, is: .log), .frame(.log, is: .log), .frame(.ready, is: .loaded)]
    ),
    Story("could not load", greeted + [.frame(.error, flags: 3, is: .loadFailed)]),
    Story("an exception while loading is no answer", greeted + [.violation(.error, flags: 1, is: "unexpected")]),
    Story("ready twice", loaded + [.violation(.ready, is: "unexpected")]),
    Story("logs before the first reset", loaded + [.frame(.log, is: .log)]),
    Story("an act before the first reset", loaded + [.violation(.act, 1, is: "future_sequence")]),
    Story("an answer to nothing", loaded + [.violation(.act, 0, is: "unexpected")]),
    Story("ready for the wrong reset", loaded + [.reset(2), .violation(.ready, 1, is: "unexpected")]),
    Story("ready without a reset", playing + [.violation(.ready, 1, is: "unexpected")]),
    Story("reset raised", loaded + [.reset(1), .frame(.error, 1, flags: 1, is: .resetRaised)]),
    Story(
      "reset raised for another game",
      loaded + [.reset(2), .violation(.error, 1, flags: 1, is: "future_sequence")]
    ),
    Story("gone while resetting", loaded + [.reset(1), .frame(.error, 1, flags: 3, is: .loadFailed)]),
    Story("notes before the answer", playing + [.observe, .frame(.note, 1, is: .note), .frame(.note, 1, is: .note)]),
    Story(
      "a note after the answer",
      playing + [.observe, .frame(.act, 1, is: .action), .frame(.note, 1, is: .lateNote)]
    ),
    Story("a note after the deadline", playing + [.observe, .giveUp, .frame(.note, 1, is: .lateNote)]),
    Story(
      "a note for the step before",
      playing + [.observe, .frame(.act, 1, is: .action), .observe, .frame(.note, 1, is: .lateNote)]
    ),
    Story("a note for a step to come", playing + [.observe, .violation(.note, 2, is: "future_sequence")]),
    Story("a note for no step", playing + [.observe, .violation(.note, 0, is: "unexpected")]),
    Story("a note that is too long", playing + [.observe, .violation(.note, 1, bytes: 1025, is: "oversized")]),
    Story("a note while loading", greeted + [.violation(.note, is: "unexpected")]),
    Story("an answer", playing + [.observe, .frame(.act, 1, is: .action), .observe, .frame(.act, 2, is: .action)]),
    Story("an exception", playing + [.observe, .frame(.error, 1, flags: 1, is: .failure(.exception))]),
    Story("nothing to encode", playing + [.observe, .frame(.error, 1, flags: 2, is: .failure(.invalidAction))]),
    Story(
      "start-up errors answer no observation",
      playing + [.observe, .violation(.error, 1, flags: 3, is: "unexpected")]
    ),
    Story("before the first observation", playing + [.violation(.act, 1, is: "future_sequence")]),
    Story("sequence 0 answers nothing", playing + [.observe, .violation(.act, 0, is: "unexpected")]),
    Story("from the future", playing + [.observe, .violation(.act, 2, is: "future_sequence")]),
    Story("from the far future", playing + [.observe, .violation(.error, .max, flags: 1, is: "future_sequence")]),
    Story(
      "a second answer is dropped",
      playing + [.observe, .frame(.act, 1, is: .action), .frame(.act, 1, is: .duplicate)]
    ),
    Story(
      "a third answer is a flood",
      playing + [
        .observe, .frame(.act, 1, is: .action), .frame(.act, 1, is: .duplicate), .violation(.act, 1, is: "flood"),
      ]
    ),
    Story(
      "one extra answer a step, again in the next",
      playing + [
        .observe, .frame(.act, 1, is: .action), .frame(.act, 1, is: .duplicate), .observe,
        .frame(.act, 1, is: .duplicate),
        .frame(.act, 2, is: .action), .violation(.act, 2, is: "flood"),
      ]
    ),
    Story(
      "an older answer that is not owed",
      playing + [
        .observe, .frame(.act, 1, is: .action), .observe, .frame(.act, 1, is: .duplicate), .frame(.act, 2, is: .action),
      ]
    ),
    Story("late for the newest", playing + [.observe, .giveUp, .frame(.act, 1, is: .late(1))]),
    Story(
      "late, and twice",
      playing + [
        .observe, .giveUp, .frame(.act, 1, is: .late(1)), .frame(.act, 1, is: .duplicate),
        .violation(.act, 1, is: "flood"),
      ]
    ),
    Story(
      "late for the one before",
      playing + [.observe, .giveUp, .observe, .frame(.act, 1, is: .late(1)), .frame(.act, 2, is: .action)]
    ),
    Story(
      "late errors are late",
      playing + [.observe, .giveUp, .observe, .frame(.error, 1, flags: 1, is: .late(1)), .frame(.act, 2, is: .action)]
    ),
    Story(
      "three owed answers at once are no flood",
      playing + [
        .observe, .giveUp, .observe, .giveUp, .observe, .giveUp, .observe, .frame(.act, 1, is: .late(1)),
        .frame(.act, 2, is: .late(2)), .frame(.act, 3, is: .late(3)), .frame(.act, 4, is: .action),
        .frame(.act, 4, is: .duplicate),
        .violation(.act, 4, is: "flood"),
      ]
    ),
    Story(
      "only the newest of several is answered",
      playing + [.observe, .giveUp, .observe, .giveUp, .observe, .frame(.act, 3, is: .action)]
    ),
    Story(
      "a second answer to the newest is not taken for an owed one",
      playing + [
        .observe, .giveUp, .observe, .frame(.act, 2, is: .action), .frame(.act, 2, is: .duplicate),
        .frame(.act, 1, is: .late(1)),
      ]
    ),
    Story(
      "giving up twice owes once",
      playing + [
        .observe, .giveUp, .giveUp, .frame(.act, 1, is: .late(1)), .frame(.act, 1, is: .duplicate),
        .violation(.act, 1, is: "flood"),
      ]
    ),
    Story(
      "giving up an answered one owes nothing",
      playing + [
        .observe, .frame(.act, 1, is: .action), .giveUp, .frame(.act, 1, is: .duplicate),
        .violation(.act, 1, is: "flood"),
      ]
    ),
    Story(
      "a late answer while resetting",
      playing + [.observe, .giveUp, .reset(2), .frame(.act, 1, is: .late(1)), .frame(.ready, 2, is: .reset)]
    ),
    Story(
      "reset raises while an older answer is owed",
      playing + [
        .observe, .frame(.act, 1, is: .action), .observe, .frame(.act, 2, is: .action), .observe, .giveUp, .reset(2),
        .frame(.error, 2, flags: 1, is: .resetRaised),
      ]
    ),
    Story(
      "reset raises after a long game whose last answer is owed",
      playing + [
        .observe, .giveUp, .frame(.act, 1, is: .late(1)), .observe, .frame(.act, 2, is: .action), .observe, .giveUp,
        .reset(2),
        .frame(.error, 2, flags: 1, is: .resetRaised),
      ]
    ),
    Story(
      "an owed answer is not taken for a reset that raised",
      playing + [
        .observe, .frame(.act, 1, is: .action), .observe, .giveUp, .reset(2), .frame(.error, 2, flags: 1, is: .late(2)),
        .frame(.error, 2, flags: 1, is: .resetRaised),
      ]
    ),
    Story(
      "the sequence goes on in the next game",
      playing + [
        .observe, .frame(.act, 1, is: .action), .reset(2), .frame(.ready, 2, is: .reset), .observe,
        .frame(.act, 2, is: .action),
      ]
    ),
    Story(
      "64 KiB of logs a step",
      playing + [
        .observe, .frame(.log, bytes: 65_536 - 16, is: .log), .violation(.log, bytes: 0, is: "flood"),
      ]
    ),
    Story("one byte too many", playing + [.observe, .violation(.log, bytes: 65_536 - 15, is: "flood")]),
    Story(
      "errors count with the logs",
      playing + [
        .observe, .frame(.log, bytes: 65_500 - 16, is: .log), .violation(.error, 1, flags: 1, bytes: 21, is: "flood"),
      ]
    ),
    Story(
      "the allowance is new with every observation",
      playing + [
        .observe, .frame(.log, bytes: 65_520, is: .log), .observe, .frame(.log, bytes: 65_520, is: .log), .reset(2),
        .frame(.log, bytes: 65_520, is: .log),
      ]
    ),
    Story(
      "an allowance for loading, too",
      greeted + [
        .frame(.log, bytes: 65_520, is: .log), .violation(.log, bytes: 1, is: "flood"),
      ]
    ),
    Story(
      "acts do not count",
      playing + [
        .observe, .frame(.act, 1, bytes: 60_000, is: .action), .frame(.log, bytes: 60_000, is: .log),
        .frame(.act, 1, bytes: 60_000, is: .duplicate),
      ]
    ),
    Story(
      "an empty log costs its header",
      playing + [.observe] + Array(repeating: .frame(.log, bytes: 0, is: .log), count: 4096)
        + [.violation(.log, bytes: 0, is: "flood")]
    ),
  ]

  @Test(arguments: stories) func `a frame means what the protocol says`(story: Story) throws {
    var conversation = Conversation()
    for (index, event) in story.events.enumerated() {
      switch event {
      case .welcome: conversation.welcome()
      case .reset(let sequence): conversation.beginReset(sequence)
      case .observe: _ = conversation.beginStep()
      case .giveUp: conversation.giveUp()
      case .frame(let kind, let sequence, let flags, let bytes, let expected):
        let header = FrameHeader(length: bytes, kind: kind, flags: flags, sequence: sequence)
        #expect(try conversation.receive(header) == expected, "event \(index)")
      case .violation(let kind, let sequence, let flags, let bytes, let code):
        let header = FrameHeader(length: bytes, kind: kind, flags: flags, sequence: sequence)
        let violation = #expect(throws: ProtocolViolation.self, "event \(index)") { try conversation.receive(header) }
        #expect(violation?.code == code, "event \(index)")
      }
    }
  }

  @Test func `sequences count from 1 over the whole match`() throws {
    var conversation = Conversation()
    #expect((1...5).map { _ in conversation.beginStep() } == [1, 2, 3, 4, 5])
    conversation.beginReset(2)
    #expect(conversation.beginStep() == 6)
  }

  @Test func `however long an agent is silent, it owes no more than it was asked`() throws {
    var conversation = Conversation()
    _ = try conversation.receive(FrameHeader(length: 2, kind: .hello))
    conversation.welcome()
    _ = try conversation.receive(FrameHeader(length: 2, kind: .ready))
    conversation.beginReset(1)
    _ = try conversation.receive(FrameHeader(length: 2, kind: .ready, sequence: 1))
    for _ in 0..<1000 {
      _ = conversation.beginStep()
      conversation.giveUp()
    }
    var accepted = 0
    while (try? conversation.receive(FrameHeader(length: 8, kind: .act, sequence: 1))) != nil { accepted += 1 }
    #expect(accepted == 1001, "a thousand owed, one beyond")
  }
}

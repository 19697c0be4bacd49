import ArenaCore
import Testing

/// A way to misbehave, and what it must lead to.
struct Misbehaviour: Sendable, CustomTestStringConvertible {
  /// The behaviour's name in `Bots/bot.py`.
  var bot: String
  /// The kind of fault; nil for none.
  var fault: FaultKind?
  /// How many of them.
  var count = 1
  /// Whether the agent forfeits. Where it does not, the game is played to its end.
  var forfeits: Bool
  /// What the first fault's message says.
  var says = ""
  /// What this match is configured with.
  var configuration: [String: JSONValue] = [:]
  /// Answers that are dropped: at least so many late ones and so many second ones.
  var dropped = (late: 0, duplicate: 0)

  var testDescription: String { bot }

  /// The second timeout is one too many.
  static let impatient: [String: JSONValue] = ["step_timeout_sec": .number(0.6), "max_faults": .integer(1)]
  /// Agents have little time to start, and yet much more than they take.
  static let quickStart: [String: JSONValue] = ["startup_timeout_sec": .integer(3)]
  static let threeFaults: [String: JSONValue] = ["max_faults": .integer(3)]

  /// A behaviour that plays by the rules, however odd it looks.
  static func harmless(_ bot: String, duplicates: Int = 0) -> Misbehaviour {
    Misbehaviour(bot: bot, forfeits: false, dropped: (0, duplicates))
  }

  /// A behaviour that costs the match.
  static func fatal(
    _ bot: String,
    _ fault: FaultKind,
    _ says: String,
    count: Int = 1,
    _ configuration: [String: JSONValue] = [:]
  ) -> Misbehaviour {
    Misbehaviour(bot: bot, fault: fault, count: count, forfeits: true, says: says, configuration: configuration)
  }

  /// A behaviour for which the fallback action is played, once.
  static func forgiven(_ bot: String, _ fault: FaultKind, _ says: String) -> Misbehaviour {
    Misbehaviour(bot: bot, fault: fault, forfeits: false, says: says)
  }

  /// Before the first observation.
  static let early: [Misbehaviour] = [
    .fatal("closes_at_once", .startup, "closed its connection before it was ready"),
    .fatal("never_says_hello", .startup, "did not introduce itself within 3", quickStart),
    .fatal("half_a_hello", .startup, "did not introduce itself within 3", quickStart),
    .fatal("garbage_for_hello", .protocol, "sent a frame"),
    .fatal("hello_of_4_gib", .protocol, "4294967295 bytes; the limit is 65536"),
    .fatal("hello_that_is_no_json", .protocol, "not valid JSON"),
    .fatal("hello_without_versions", .protocol, "lacks \"protocol_versions\""),
    .fatal("other_version", .protocol, "speaks protocol versions [2, 3]; this orchestrator speaks [1]"),
    .fatal("too_small_for_the_game", .startup, "accepts payloads of 16 bytes"),
    .fatal("hello_twice", .protocol, "sent a frame hello where ready was expected"),
    .fatal("does_not_wait_for_welcome", .protocol, "sent a frame ready where nothing before welcome was expected"),
    .fatal("never_ready", .startup, "did not become ready within 3", quickStart),
    .fatal("closes_instead_of_ready", .startup, "closed its connection before it was ready"),
    .fatal("invalid_json_in_ready", .protocol, "not valid JSON"),
    .fatal("deep_json_in_ready", .protocol, "sent a frame ready"),
    .fatal("fails_to_load", .startup, "no model in /app"),
    .fatal("floods_logs_while_loading", .protocol, "over 65536 bytes of log, error and note frames"),
    .fatal("never_resets", .startup, "did not reset itself within 3", quickStart),
    .fatal("closes_once_ready", .disconnected, "closed its connection"),
    .fatal("ready_for_another_game", .protocol, "sent a frame ready where ready with sequence 1 was expected"),
  ]

  /// In the game, where it costs the match.
  static let fatal: [Misbehaviour] = [
    .fatal("garbage", .protocol, "sent a frame"),
    .fatal("a_web_request", .protocol, "sent a frame"),
    .fatal("length_of_4_gib", .protocol, "4294967295 bytes; the limit is 65536"),
    .fatal("just_over_the_limit", .protocol, "65537 bytes; the limit is 65536"),
    .fatal("answers_the_future", .protocol, "answered observation 4, but the newest is 3"),
    .fatal("answers_nothing", .protocol, "a sequence from 1"),
    .fatal("says_hello_again", .protocol, "sent a frame hello"),
    .fatal("ready_in_mid_game", .protocol, "sent a frame ready"),
    .fatal("kind_of_the_orchestrator", .protocol, "sent a frame observe, which only the orchestrator may send"),
    .fatal("unknown_kind", .protocol, "unknown kind 77"),
    .fatal("flags_on_act", .protocol, "flags 1, which have no meaning"),
    .fatal("error_with_unknown_flags", .protocol, "flags 4, which have no meaning"),
    .fatal("reserved_is_not_zero", .protocol, "reserved bytes are not 0"),
    .fatal("floods_answers", .protocol, "answers beyond those that are owed"),
    .fatal("floods_logs", .protocol, "over 65536 bytes of log, error and note frames"),
    .fatal("floods_empty_logs", .protocol, "over 65536 bytes of log, error and note frames"),
    .fatal("deep_json_in_log", .protocol, "sent a frame log"),
    .fatal("closes_in_mid_game", .disconnected, "closed its connection"),
    .fatal("closes_after_half_an_answer", .disconnected, "closed its connection"),
    .fatal("stops_writing", .disconnected, "closed its connection"),
    .fatal("stops_reading", .disconnected, "closed its connection"),
    .fatal("kills_itself", .disconnected, "closed its connection"),
    .fatal("leaves_a_child_with_the_socket", .timeout, "did not answer within 0.6 s", count: 2, impatient),
    .fatal("half_an_answer_and_silence", .timeout, "did not answer within 0.6 s", count: 2, impatient),
    .fatal("half_a_header_and_silence", .timeout, "did not answer within 0.6 s", count: 2, impatient),
    .fatal("silence", .timeout, "did not answer within 0.6 s", count: 2, impatient),
    .fatal("a_byte_at_a_time", .timeout, "did not answer within 0.6 s", count: 2, impatient),
    .fatal("answers_the_previous_step", .timeout, "did not answer within 0.6 s", count: 2, impatient),
    .fatal("never_reads", .timeout, "did not answer within 0.6 s", count: 2, impatient),
    .fatal("always_out_of_range", .invalidAction, "the action", count: 4, threeFaults),
    .fatal("reports_exceptions", .exception, "raised an exception: number 4", count: 4, threeFaults),
  ]

  /// In the game, where the match goes on.
  static let survivable: [Misbehaviour] = [
    .forgiven("oversized_act", .invalidAction, "sent an act of 65536 bytes; 16 are right"),
    .forgiven("empty_act", .invalidAction, "sent an act of 0 bytes; 16 are right"),
    .forgiven("wrong_size", .invalidAction, "sent an act of 9 bytes; 16 are right"),
    .forgiven("out_of_range", .invalidAction, "the action"),
    .forgiven("far_out_of_range", .invalidAction, "the action"),
    Misbehaviour(
      bot: "late_by_a_step",
      fault: .timeout,
      forfeits: false,
      says: "did not answer within 0.6 s",
      configuration: ["step_timeout_sec": .number(0.6)],
      dropped: (1, 0)
    ),
    .harmless("answers_twice", duplicates: 11),
    .harmless("answers_twice_in_two_writes", duplicates: 10),
    .harmless("forks_many_children"),
    .harmless("fills_standard_output"),
    .harmless("logs_much_but_not_too_much"),
    .harmless("connects_twice"),
    .harmless("connects_in_crowds"),
  ]
}

/// What plays in a seat.
enum Agent: Sendable {
  /// `Bots/bot.py` with this behaviour.
  case bot(String)
  /// This source, run by the Python agent host.
  case python(String)
  /// Part of the orchestrator: `random` or `noop`.
  case builtIn(String)
  /// Nobody comes.
  case absent

  /// A bot that plays by the rules.
  static let good = Agent.bot("good")
}

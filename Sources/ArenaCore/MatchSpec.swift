/// What to play: the game, the agents, the limits and the rules. Valid once it exists.
public struct MatchSpec: Equatable, Sendable {
  /// The match's name.
  public var matchID: String
  /// The environment's name as the user wrote it.
  public var environment: String
  /// Configuration of the environment; the environment checks it.
  public var environmentConfiguration: [String: JSONValue]
  /// The agents in the order of the request.
  public var agents: [AgentSpec]
  /// The time budgets.
  public var limits: MatchLimits
  /// What faults lead to.
  public var policy: FaultPolicy
  /// The seed, or nil to have one drawn.
  public var seed: UInt64?
  /// Number of games; the agents rotate through the seats.
  public var games: Int
  /// Whether a replay is written.
  public var recordReplay: Bool

  /// Longest time that any limit may be set to: a day.
  public static let maximumSeconds = 86_400.0

  /// A match.
  ///
  /// - Throws: `FieldError` for a name that cannot be used, agents without or with the same name, or no game.
  public init(
    matchID: String,
    environment: String,
    environmentConfiguration: [String: JSONValue] = [:],
    agents: [AgentSpec],
    limits: MatchLimits = MatchLimits(),
    policy: FaultPolicy = FaultPolicy(),
    seed: UInt64? = nil,
    games: Int = 1,
    recordReplay: Bool = true
  ) throws(FieldError) {
    if let error = Self.errors(matchID: matchID, agents: agents, games: games).first { throw error }
    self.matchID = matchID
    self.environment = environment
    self.environmentConfiguration = environmentConfiguration
    self.agents = agents
    self.limits = limits
    self.policy = policy
    self.seed = seed
    self.games = games
    self.recordReplay = recordReplay
  }

  /// All that is wrong with what a match, its agents and its number of games are called and counted.
  public static func errors(matchID: String, agents: [AgentSpec], games: Int) -> [FieldError] {
    var errors: [FieldError] = []
    if !isUsableName(matchID) {
      errors.append(
        FieldError(
          field: "match_id",
          given: JSONValue.string(matchID).description,
          allowed: "1 to 128 letters, digits, '.', '_' or '-', not starting with '.'"
        )
      )
    }
    var seen: Set<String> = []
    for (index, agent) in agents.enumerated() {
      var allowed: String?
      if !(1...256).contains(agent.agentID.utf8.count) {
        allowed = "1 to 256 bytes long"
      } else if !seen.insert(agent.agentID).inserted {
        allowed = "different from every other agent's"
      }
      guard let allowed else { continue }
      let given = JSONValue.string(agent.agentID).description
      errors.append(FieldError(field: "agents[\(index)].agent_id", given: given, allowed: allowed))
    }
    if !(1...1000).contains(games) {
      errors.append(FieldError(field: "games", given: "\(games)", allowed: "a whole number in 1…1000"))
    }
    return errors
  }

  /// Whether `name` can be part of a file's name and a log line as it is.
  public static func isUsableName(_ name: String) -> Bool {
    (1...128).contains(name.utf8.count) && name.first != "."
      && name.utf8.allSatisfy {
        switch $0 {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
          true
        default: false
        }
      }
  }
}

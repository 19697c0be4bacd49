/// What came of a match: RL Arena's published keys, and ours beside them.
public struct MatchResult: Codable, Equatable, Sendable {
  /// The match's name.
  public var matchID: String
  /// The environment's canonical name.
  public var environment: String
  /// How the match ended.
  public var status: MatchStatus
  /// The winner, or nil for a draw and wherever there is none.
  public var winnerAgentID: String?
  /// One entry per agent, in the order of the request however seats rotate.
  public var agentResults: [AgentResult]
  /// Steps played in all games together.
  public var totalSteps: Int
  /// From the first game's start to the verdict, in seconds.
  public var executionTimeSeconds: Double
  /// The replay as JSON, where one was written.
  public var replayURL: String?
  /// The replay as a page, where one was written.
  public var replayHTMLURL: String?
  /// The replay itself, where it was kept: an MCAP file.
  public var replayMCAPURL: String?
  /// One sentence where the status is not `success`, or where a forfeit decided.
  public var errorMessage: String?
  /// The seed that the match was played with.
  public var seed: UInt64
  /// One entry per game that was begun.
  public var games: [GameResult]
  /// What became of the recording, where one was asked for.
  public var recording: RecordingResult?
  /// How the platform behaved.
  public var platform: PlatformReport
  /// How often the match was voided and begun anew.
  public var voids: Int
  /// When the first game began, as seconds since 1970; nil where none did.
  public var startedAt: Double?
  /// Version of the software that played the match.
  public var version: String

  /// A result with nothing played yet.
  public init(matchID: String, environment: String, status: MatchStatus, agentResults: [AgentResult], seed: UInt64) {
    self.matchID = matchID
    self.environment = environment
    self.status = status
    self.agentResults = agentResults
    self.seed = seed
    totalSteps = 0
    executionTimeSeconds = 0
    games = []
    platform = PlatformReport()
    voids = 0
    version = ArenaVersion.current
  }

  enum CodingKeys: String, CodingKey {
    case matchID = "match_id"
    case environment
    case status
    case winnerAgentID = "winner_agent_id"
    case agentResults = "agent_results"
    case totalSteps = "total_steps"
    case executionTimeSeconds = "execution_time_sec"
    case replayURL = "replay_url"
    case replayHTMLURL = "replay_html_url"
    case replayMCAPURL = "replay_mcap_url"
    case errorMessage = "error_message"
    case seed
    case games
    case recording
    case platform
    case voids
    case startedAt = "started_at"
    case version
  }

  /// Writes all published keys, those without a value as `null`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(matchID, forKey: .matchID)
    try container.encode(environment, forKey: .environment)
    try container.encode(status, forKey: .status)
    try container.encode(winnerAgentID, forKey: .winnerAgentID)
    try container.encode(agentResults, forKey: .agentResults)
    try container.encode(totalSteps, forKey: .totalSteps)
    try container.encode(executionTimeSeconds, forKey: .executionTimeSeconds)
    try container.encode(replayURL, forKey: .replayURL)
    try container.encode(replayHTMLURL, forKey: .replayHTMLURL)
    try container.encodeIfPresent(replayMCAPURL, forKey: .replayMCAPURL)
    try container.encode(errorMessage, forKey: .errorMessage)
    try container.encode(seed, forKey: .seed)
    try container.encode(games, forKey: .games)
    try container.encodeIfPresent(recording, forKey: .recording)
    try container.encode(platform, forKey: .platform)
    try container.encode(voids, forKey: .voids)
    try container.encodeIfPresent(startedAt, forKey: .startedAt)
    try container.encode(version, forKey: .version)
  }
}

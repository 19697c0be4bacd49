/// What came of one agent.
public struct AgentResult: Codable, Equatable, Sendable {
  /// The agent's name.
  public var agentID: String
  /// The score, over all games.
  public var score: Double
  /// Number of faults of all kinds.
  public var errors: Int
  /// Why it lost or what went wrong first, in a sentence; nil where nothing did.
  public var errorMessage: String?
  /// Faults by kind; kinds without a fault are left out.
  public var faults: [String: Int]
  /// Whether it forfeited a game or the match.
  public var forfeited: Bool
  /// How long it thought.
  public var thinkTime: ThinkTime
  /// CPU time that its process used since it was ready, in seconds, as its host says; nil if the host did not.
  public var cpuTimeSeconds: Double?
  /// From the request to connect until it was ready, in seconds; nil if it never was.
  public var startupTimeSeconds: Double?
  /// Answers dropped because they came too late, and second answers.
  public var droppedAnswers: DroppedAnswers
  /// What is known about the failure; nil where nothing failed.
  public var failure: FailureReport?

  /// An agent that has done nothing yet.
  public init(agentID: String) {
    self.agentID = agentID
    score = 0
    errors = 0
    faults = [:]
    forfeited = false
    thinkTime = ThinkTime()
    droppedAnswers = DroppedAnswers()
  }

  /// Answers that were dropped without being a fault of their own.
  public struct DroppedAnswers: Codable, Equatable, Sendable {
    /// Answers to steps whose deadline had passed.
    public var late = 0
    /// Second answers to a step.
    public var duplicate = 0

    /// None yet.
    public init() {}
  }

  enum CodingKeys: String, CodingKey {
    case agentID = "agent_id"
    case score
    case errors
    case errorMessage = "error_message"
    case faults
    case forfeited
    case thinkTime = "think_time"
    case cpuTimeSeconds = "cpu_time_sec"
    case startupTimeSeconds = "startup_time_sec"
    case droppedAnswers = "dropped_answers"
    case failure
  }

  /// Writes all published keys, those without a value as `null`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(agentID, forKey: .agentID)
    try container.encode(score, forKey: .score)
    try container.encode(errors, forKey: .errors)
    try container.encode(errorMessage, forKey: .errorMessage)
    try container.encode(faults, forKey: .faults)
    try container.encode(forfeited, forKey: .forfeited)
    try container.encode(thinkTime, forKey: .thinkTime)
    try container.encodeIfPresent(cpuTimeSeconds, forKey: .cpuTimeSeconds)
    try container.encodeIfPresent(startupTimeSeconds, forKey: .startupTimeSeconds)
    try container.encode(droppedAnswers, forKey: .droppedAnswers)
    try container.encodeIfPresent(failure, forKey: .failure)
  }
}

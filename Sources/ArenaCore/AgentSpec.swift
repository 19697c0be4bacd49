/// One agent of a match, as the request names it.
public struct AgentSpec: Equatable, Sendable {
  /// The agent's name in requests and results.
  public var agentID: String
  /// The agent's version, for the record.
  public var version: String?
  /// What else the request says about the agent, for the record.
  public var metadata: [String: String]

  /// An agent with a name.
  public init(agentID: String, version: String? = nil, metadata: [String: String] = [:]) {
    self.agentID = agentID
    self.version = version
    self.metadata = metadata
  }
}

/// One agent of a match, as the request names it.
public struct AgentSpec: Equatable, Sendable {
  /// The agent's name in requests and results.
  public var agentID: String
  /// The agent's version, for the record.
  public var version: String?
  /// What else the request says about the agent, for the record.
  public var metadata: [String: String]
  /// Reference of the container image that the agent runs in, for the record; nil where it runs in none.
  public var image: String?
  /// The image's digest, such as `sha256:` and 64 hexadecimal digits, for the record; nil where it is not known.
  public var imageDigest: String?

  /// An agent with a name. A digest that is part of the image's reference need not be given once more.
  public init(
    agentID: String,
    version: String? = nil,
    metadata: [String: String] = [:],
    image: String? = nil,
    imageDigest: String? = nil
  ) {
    self.agentID = agentID
    self.version = version
    self.metadata = metadata
    self.image = image
    self.imageDigest = imageDigest ?? image.flatMap { $0.split(separator: "@").dropFirst().last.map(String.init) }
  }
}

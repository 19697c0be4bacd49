public import AgentProtocol
public import ArenaCore

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The match that a replay records, as its Metadata records say.
public struct ReplayMatch: Sendable {
  /// The match's name.
  public var matchID: String
  /// The environment's canonical name.
  public var environment: String
  /// The environment's configuration in force.
  public var configuration: [String: JSONValue]
  /// The agents in the order of the request.
  public var agentIDs: [String]
  /// The match's seed; nil where the file does not say.
  public var seed: UInt64?
  /// What each seat sees.
  public var observation: SpaceLayout
  /// What each seat may do.
  public var action: SpaceLayout
  /// What came of the match: the result as the orchestrator prints it; nil where the file ends before.
  public var result: JSONValue?
  /// Version of the software that recorded it.
  public var version: String

  /// Reads the Metadata records of a replay.
  ///
  /// - Parameter metadata: the records by name, as `ReplayReader.metadata` has them.
  /// - Throws: `FieldError` naming the record and key that is missing or makes no sense.
  public init(metadata: [String: [String: String]]) throws(FieldError) {
    func text(_ record: String, _ key: String) throws(FieldError) -> String {
      guard let value = metadata[record]?[key] else {
        throw FieldError(field: "metadata \(record).\(key)", given: "missing", allowed: "present in every replay")
      }
      return value
    }
    matchID = try text("match", "match_id")
    environment = try text("match", "environment")
    version = metadata["match"]?["version"] ?? ""
    seed = metadata["match"]?["seed"].flatMap { UInt64($0) }
    observation = try Self.layout(try text("environment", "observation"), field: "metadata environment.observation")
    action = try Self.layout(try text("environment", "action"), field: "metadata environment.action")
    let settings = try text("environment", "configuration")
    guard case .object(let configuration) = try? Self.decode(JSONValue.self, settings) else {
      throw FieldError(field: "metadata environment.configuration", given: settings, allowed: "a JSON object")
    }
    self.configuration = configuration
    agentIDs = []
    while let agent = metadata["agent \(agentIDs.count)"] { agentIDs.append(agent["agent_id"] ?? "") }
    result = metadata["result"]?["json"].flatMap { try? Self.decode(JSONValue.self, $0) }
  }

  /// The names of the agents that sit in the seats of a game.
  ///
  /// - Parameter agents: their indices in the request, seat after seat, as `ReplayEvent.GameStart` has them.
  func names(of agents: [Int]) -> [String] {
    agents.map { agentIDs.indices.contains($0) ? agentIDs[$0] : "agent \($0)" }
  }

  private static func layout(_ json: String, field: String) throws(FieldError) -> SpaceLayout {
    guard case .object(let members) = try? decode(JSONValue.self, json), let space = members["space"] else {
      throw FieldError(
        field: field,
        given: json,
        allowed: #"{"size": …, "space": …}, as docs/PROTOCOL.md section 8 has it"#
      )
    }
    return try SpaceLayout(parsing: space, path: field)
  }

  private static func decode<Value: Decodable>(_ type: Value.Type, _ json: String) throws -> Value {
    try JSONDecoder().decode(type, from: Data(json.utf8))
  }
}

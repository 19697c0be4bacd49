internal import AgentProtocol
internal import ArenaCore

/// What a page says about its match, as JSON.
enum PageMatch {
  /// The match. Of its result everything that a stranger may see: not what an agent printed, nor where its code failed.
  static func json(_ match: ReplayMatch, _ heading: ReplayHeading, framesPerPoint: Int) -> JSONValue {
    .object([
      "match_id": .string(match.matchID), "environment": .string(match.environment),
      "configuration": .object(match.configuration), "agents": .array(match.agentIDs.map(JSONValue.string)),
      // As text: JavaScript's numbers do not hold all of its 64 bits.
      "seed": match.seed.map { .string("\($0)") } ?? .null,
      "version": .string(match.version),
      "observation": layout(match.observation), "action": layout(match.action),
      "result": match.result.map(result) ?? .null,
      "total_steps": .integer(Int64(heading.totalSteps)),
      "start_time": .number(ReplayTimes.seconds(heading.startTime)),
      "end_time": .number(ReplayTimes.seconds(heading.endTime)),
      "frames_per_point": .integer(Int64(framesPerPoint)),
    ])
  }

  private static func layout(_ layout: SpaceLayout) -> JSONValue {
    .object(["size": .integer(Int64(layout.size)), "space": layout.jsonDescription])
  }

  private static func result(_ result: JSONValue) -> JSONValue {
    guard case .object(var members) = result else { return .null }
    if case .array(let agents) = members["agent_results"] {
      members["agent_results"] = .array(
        agents.map { agent in
          guard case .object(var members) = agent else { return .null }
          members["failure"] = nil
          return .object(members)
        }
      )
    }
    if case .object(let recording) = members["recording"] {
      // Where the file was written is nobody's business.
      members["recording"] = .object(recording.filter { $0.key == "frames" || $0.key == "ended_because" })
    }
    members["platform"] = nil
    return .object(members)
  }
}

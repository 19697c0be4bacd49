import AgentProtocol
import ArenaCore
import ArenaSystem
import ArgumentParser
import Environments
import Foundation

/// `arena environments`: lists the games with their spaces.
struct EnvironmentsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "environments",
    abstract: "List the environments with their spaces and settings."
  )

  @Flag(help: "Print the list as JSON.")
  var json = false

  func run() throws {
    let games = try EnvironmentRegistry.standard.entries.map { entry in
      (entry: entry, spec: try EnvironmentRegistry.standard.make(entry.name, configuration: [:]).spec)
    }
    if json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      let data = try encoder.encode(games.map { Self.description(of: $0.spec, aliases: $0.entry.aliases) })
      OutputStream.standardOutput(String(decoding: data, as: UTF8.self) + "\n")
    } else {
      for (entry, spec) in games { OutputStream.standardOutput(Self.text(of: spec, aliases: entry.aliases)) }
    }
  }

  private static func text(of spec: EnvironmentSpec, aliases: [String]) -> String {
    let settings = spec.configuration.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    return """
      \(spec.name)
        \(spec.summary)
        seats        \(spec.seats), \(spec.isSimultaneous ? "all act at every step" : "they act in turn")
        observation  \(SpaceText.describe(spec.observation.space))
        action       \(SpaceText.describe(spec.action.space))
        reward       \(MatchReport.number(spec.rewardRange.lowerBound)) to \(MatchReport.number(spec.rewardRange.upperBound)) per step
        settings     \(settings)
        also called  \(aliases.joined(separator: ", "))

      """
  }

  private static func description(of spec: EnvironmentSpec, aliases: [String]) -> JSONValue {
    .object([
      "name": .string(spec.name), "summary": .string(spec.summary), "seats": .integer(Int64(spec.seats)),
      "simultaneous": .bool(spec.isSimultaneous), "observation": spec.observation.jsonDescription,
      "action": spec.action.jsonDescription, "action_mask_size": .integer(Int64(spec.actionMaskSize)),
      "reward_range": .array([.number(spec.rewardRange.lowerBound), .number(spec.rewardRange.upperBound)]),
      "configuration": .object(spec.configuration), "aliases": .array(aliases.map(JSONValue.string)),
    ])
  }
}

public import AgentProtocol
public import ArenaCore

/// What a game is: its name, its seats and its spaces.
public struct EnvironmentSpec: Sendable {
  /// The canonical name, such as `pong`.
  public let name: String
  /// One sentence for a list of games.
  public let summary: String
  /// Number of seats; every match has exactly as many agents.
  public let seats: Int
  /// Whether all seats act at every step.
  public let isSimultaneous: Bool
  /// What each seat sees.
  public let observation: SpaceLayout
  /// What each seat may do.
  public let action: SpaceLayout
  /// Bytes of the legal-action mask; 0 where every action is always legal.
  public let actionMaskSize: Int
  /// The action that does nothing, in the action space's layout; nil where the game has none.
  public let noOp: [UInt8]?
  /// Bounds of one step's reward.
  public let rewardRange: ClosedRange<Double>
  /// Whether the game's `info` follows from its seed and the actions, so that a replay need not hold it for every step.
  public let isInfoDerived: Bool
  /// The configuration in force, every key with its value.
  public let configuration: [String: JSONValue]

  /// The description of a game.
  public init(
    name: String,
    summary: String,
    seats: Int,
    isSimultaneous: Bool,
    observation: SpaceLayout,
    action: SpaceLayout,
    actionMaskSize: Int = 0,
    noOp: [UInt8]? = nil,
    rewardRange: ClosedRange<Double>,
    isInfoDerived: Bool = false,
    configuration: [String: JSONValue]
  ) {
    self.name = name
    self.summary = summary
    self.seats = seats
    self.isSimultaneous = isSimultaneous
    self.observation = observation
    self.action = action
    self.actionMaskSize = actionMaskSize
    self.noOp = noOp
    self.rewardRange = rewardRange
    self.isInfoDerived = isInfoDerived
    self.configuration = configuration
  }
}

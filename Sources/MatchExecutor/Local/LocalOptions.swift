public import AgentArchive
public import AgentSandbox
public import Replay

/// How matches are played on this machine.
public struct LocalOptions: Sendable {
  /// How agents are kept apart.
  public var sandbox = SandboxChoice.auto
  /// The Python that runs agents; nil for what `python3` on `PATH` is.
  public var python: String?
  /// What each of so many agents may use, where the request does not say.
  public var agentLimits: @Sendable (_ agents: Int) -> SandboxLimits = { _ in SandboxLimits() }
  /// Where archives are unpacked.
  public var temporaryFolder = "/tmp"
  /// What an agent's archive may hold.
  public var archiveLimits = ArchiveLimits()
  /// The folder of replays and logs.
  public var replayRoot = "/tmp/replays"
  /// The forms in which a replay is kept.
  public var replayForms = Set(ReplayFiles.Form.allCases)
  /// How a replay is written.
  public var replayOptions = ReplayOptions.standard
  /// How long the writing of the forms other than the recording may take.
  public var exportTimeout = Duration.seconds(30)
  /// Matches that are played at a time.
  public var mostPlayed = 1
  /// Matches that may wait for a place.
  public var mostQueued = 10_000
  /// How long what came of a match is kept.
  public var resultRetention = Duration.seconds(3600)

  /// The defaults.
  public init() {}
}

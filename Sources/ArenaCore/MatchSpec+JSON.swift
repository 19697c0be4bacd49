extension MatchSpec {
  /// Reads a match from the configuration that the executor hands to the orchestrator. `docs/CONFIGURATION.md` lists the keys.
  ///
  /// - Throws: `FieldError` that names the first field which is missing or not allowed.
  public init(reading reader: FieldReader) throws(FieldError) {
    guard let matchID = try reader.string("match_id") else {
      throw reader.wrong("match_id", nil, "the match's name")
    }
    guard let environment = try reader.string("environment") else {
      throw reader.wrong("environment", nil, "the name of an environment")
    }
    guard let entries = try reader.array("agents"), !entries.isEmpty else {
      throw reader.wrong("agents", reader.value("agents"), "an array with one object per agent")
    }
    var agents: [AgentSpec] = []
    for (index, entry) in entries.enumerated() {
      agents.append(try AgentSpec(reading: FieldReader(entry, path: "\(reader.name("agents"))[\(index)]")))
    }
    try self.init(
      matchID: matchID,
      environment: environment,
      environmentConfiguration: reader.dictionary("environment_config") ?? [:],
      agents: agents,
      limits: MatchLimits(reading: reader),
      policy: FaultPolicy(reading: reader),
      seed: reader.unsigned("seed"),
      games: reader.integer("games", in: 1...1000) ?? 1,
      recordReplay: reader.bool("record_replay") ?? true
    )
  }
}

extension AgentSpec {
  init(reading reader: FieldReader) throws(FieldError) {
    guard let agentID = try reader.string("agent_id") else {
      throw reader.wrong("agent_id", nil, "the agent's name")
    }
    var metadata: [String: String] = [:]
    for (key, value) in try reader.dictionary("metadata") ?? [:] {
      guard case .string(let string) = value else { throw reader.wrong("metadata." + key, value, "a string") }
      metadata[key] = string
    }
    self.init(
      agentID: agentID,
      version: try reader.string("version"),
      metadata: metadata,
      image: try reader.string("image"),
      imageDigest: try reader.string("image_digest")
    )
  }
}

extension MatchLimits {
  init(reading reader: FieldReader) throws(FieldError) {
    self.init()
    let positive = 0.001...MatchSpec.maximumSeconds
    let orNone = 0...MatchSpec.maximumSeconds
    if let value = try reader.seconds("startup_timeout_sec", in: positive) { startupTimeout = value }
    if let value = try reader.seconds("step_timeout_sec", in: orNone) { stepTimeout = value == .zero ? nil : value }
    // What rounds to nothing would read as no limit at all.
    if stepTimeout == nil, reader.value("step_timeout_sec")?.double != 0, let value = reader.value("step_timeout_sec") {
      throw reader.wrong("step_timeout_sec", value, "0 for no limit, or at least 1e-09")
    }
    if let value = try reader.seconds("time_bank_sec", in: orNone) { timeBank = value }
    if let value = try reader.seconds("timeout_sec", in: orNone), value != .zero { matchTimeout = value }
    if let value = try reader.seconds("write_timeout_sec", in: positive) { writeTimeout = value }
    if let value = try reader.seconds("stall_threshold_sec", in: positive) { stallThreshold = value }
  }
}

extension FaultPolicy {
  init(reading reader: FieldReader) throws(FieldError) {
    self.init()
    if let value = try reader.integer("max_faults", in: 0...1_000_000) { maxFaults = value }
    if let value = try reader.choice("on_platform_stall", of: PlatformStall.self) { onPlatformStall = value }
    if let value = try reader.integer("max_voids", in: 0...10) { maxVoids = value }
    if let value = try reader.bool("startup_fault_is_error") { startupFaultIsError = value }
    guard let faults = try reader.object("faults") else { return }
    for key in faults.keys {
      guard let kind = FaultKind(rawValue: key) else {
        throw FieldError(
          field: faults.name(key),
          given: "not a kind of fault",
          allowed: "one of " + FaultKind.allCases.map(\.rawValue).joined(separator: ", ")
        )
      }
      guard let consequence = try faults.choice(key, of: FaultConsequence.self) else { continue }
      guard Self.isPossible(consequence, for: kind) else {
        throw faults.wrong(key, .string(consequence.rawValue), "\"forfeit\" or \"void\": nobody is left to play on")
      }
      self[kind] = consequence
    }
  }
}

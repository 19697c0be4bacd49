public import ArenaCore

extension EnvironmentRegistry {
  /// The setting that says after how many steps a game is cut off, in environments that have it.
  private static let stepSetting = "max_steps"

  /// The spec and the configuration of `environment` for a match that asks for `settings`, where a game may have at most `mostSteps` steps.
  ///
  /// What the environment would play beyond that by its own default is lowered; what the match asks for beyond it is refused.
  ///
  /// - Throws: `FieldError` as `make` does, and about `environment_config.max_steps`.
  public func configuration(
    of environment: String,
    _ settings: [String: JSONValue],
    mostSteps: Int?
  ) throws(FieldError) -> (spec: EnvironmentSpec, settings: [String: JSONValue]) {
    let spec = try make(environment, configuration: settings).spec
    guard let mostSteps, let steps = spec.configuration[Self.stepSetting]?.double, steps > Double(mostSteps) else {
      return (spec, settings)
    }
    if let asked = settings[Self.stepSetting] {
      throw FieldError(
        field: "environment_config.\(Self.stepSetting)",
        given: asked.description,
        allowed: "at most \(mostSteps), as resource_limits.max_steps_per_match says"
      )
    }
    return (spec, settings.merging([Self.stepSetting: .integer(Int64(mostSteps))]) { $1 })
  }
}

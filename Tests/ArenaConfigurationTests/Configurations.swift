import ArenaConfiguration

/// The configuration of a text that stands in `limits.yaml`, on a machine with four processors.
func configuration(
  _ text: String,
  flags: ConfigurationFlags = ConfigurationFlags(),
  environment: [String: String] = [:]
) throws(ConfigurationError) -> EffectiveConfiguration {
  try EffectiveConfiguration(text: text, path: "limits.yaml", flags: flags, environment: environment, processors: 4)
}

/// Everything that is wrong with a text, one sentence each; empty where nothing is.
func mistakes(_ text: String, flags: ConfigurationFlags = ConfigurationFlags(), environment: [String: String] = [:])
  -> [String]
{
  do throws(ConfigurationError) {
    _ = try configuration(text, flags: flags, environment: environment)
    return []
  } catch {
    return error.mistakes
  }
}

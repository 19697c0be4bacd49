import ArenaConfiguration
import ArenaSystem
import Foundation

/// What `config/limits.yaml` says about matches on this machine.
enum LocalConfiguration {
  /// The section `resource_limits` of the file that `CONFIG_PATH` names, else of `config/limits.yaml` in this folder or one above
  /// it, else the defaults. What has no effect is said on standard error.
  ///
  /// - Throws: `ConfigurationError` with everything that is wrong in the file.
  static func resources() throws(ConfigurationError) -> MatchResources {
    // The service's other variables are none of this program's business.
    let environment = ProcessInfo.processInfo.environment.filter { $0.key == "CONFIG_PATH" }
    let effective = try EffectiveConfiguration(environment: environment)
    for warning in effective.warnings { OutputStream.standardError("Warning: \(warning)\n") }
    return effective.configuration.resources
  }
}

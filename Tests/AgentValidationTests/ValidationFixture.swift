import AgentSandbox
import AgentValidation
import Foundation
import TestSupport

/// A folder of one test's own, and a validator that unpacks there.
final class ValidationFixture: Sendable {
  let folder: URL
  let validator: AgentValidator

  /// What plays and is well.
  static let plays = "def get_action(observation):\n    return 1\n"

  init(
    rules: ValidationRules = ValidationRules(),
    limits: AnalysisLimits = AnalysisLimits(),
    sandbox: SandboxChoice = .bubblewrap
  ) async throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "validation-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    validator = try await AgentValidator(
      rules: rules,
      limits: limits,
      sandbox: sandbox,
      temporaryFolder: folder.appending(path: "unpacked").path
    )
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// What the validator has left in its folder.
  var leftovers: [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: folder.appending(path: "unpacked").path)) ?? []
  }

  /// Validates an archive of these files, and of a requirements.txt if there is none among them.
  func validate(_ files: [String: String], environment: String = "pong") async throws -> ValidationReport {
    var all = files
    if !files.keys.contains(where: { $0.hasSuffix("requirements.txt") }) { all["requirements.txt"] = "" }
    let zip = HandmadeZip(all.sorted { $0.key < $1.key }.map { HandmadeZip.Entry($0.key, $0.value) })
    return try await MatchSlots.shared.run { try await validator.validate(zip: zip.bytes, environment: environment) }
  }
}

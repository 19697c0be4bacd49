import Foundation
import FuzzTargets
import TestSupport
import Testing

/// What a fuzzer once found stays found: each file of `Corpus/<target>` is fed to its target, and so are the seeds.
@Suite struct FuzzCorpusTests {
  private static let corpus = TestPython.packageRoot.appending(path: "Tests/Fuzzing/Corpus")

  /// The files that were found for a target, if any were.
  private static func files(_ target: FuzzTarget) throws -> [URL] {
    let folder = corpus.appending(path: target.rawValue)
    guard FileManager.default.fileExists(atPath: folder.path) else { return [] }
    return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
  }

  private func run(_ target: FuzzTarget, _ files: [URL]) throws {
    for file in files { try Data(contentsOf: file).withUnsafeBytes { target.run($0) } }
  }

  @Test(arguments: FuzzTarget.allCases) func `what was found once does no harm any more`(target: FuzzTarget) throws {
    try run(target, Self.files(target))
  }

  @Test(arguments: FuzzTarget.allCases) func `seeds are what they should be`(target: FuzzTarget) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "fuzz-seeds-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try await FuzzSeeds.write(for: target, to: folder.path)
    let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    #expect(files.count >= 2)
    try run(target, files)
  }
}

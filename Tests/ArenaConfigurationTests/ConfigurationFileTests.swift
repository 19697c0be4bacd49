import ArenaConfiguration
import Foundation
import Testing

/// Which file is read, and what is said about one that cannot be.
@Suite struct ConfigurationFileTests {
  /// A folder for one test, which goes with it.
  private final class Folder {
    let path = FileManager.default.temporaryDirectory.appending(path: "arena-configuration-\(UUID().uuidString)").path

    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file, with the folders above it, and gives back its path.
    func write(_ bytes: Data, to name: String) throws -> String {
      let file = URL(filePath: path).appending(path: name)
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try bytes.write(to: file)
      return file.path
    }

    func write(_ text: String, to name: String) throws -> String { try write(Data(text.utf8), to: name) }
  }

  private func port(_ effective: EffectiveConfiguration) -> Int { effective.configuration.executor.port }

  @Test func `a flag names the file, else CONFIG_PATH, else the nearest config folder`() throws {
    let folder = try Folder()
    let flag = try folder.write("executor: {port: 1}", to: "flag.yaml")
    let variable = try folder.write("executor: {port: 2}", to: "variable.yaml")
    let usual = try folder.write("executor: {port: 3}", to: "config/limits.yaml")
    let below = try folder.write("", to: "a/b/c.txt")
    let inside = URL(filePath: below).deletingLastPathComponent().path
    let environment = ["CONFIG_PATH": variable]
    let flags = ConfigurationFlags(config: flag)
    #expect(try port(EffectiveConfiguration(flags: flags, environment: environment, workingDirectory: inside)) == 1)
    #expect(try port(EffectiveConfiguration(environment: environment, workingDirectory: inside)) == 2)
    let found = try EffectiveConfiguration(environment: ["CONFIG_PATH": ""], workingDirectory: inside)
    #expect(port(found) == 3)
    #expect(found.path == usual)
  }

  @Test func `without a file the defaults hold`() throws {
    let folder = try Folder()
    let effective = try EffectiveConfiguration(environment: [:], workingDirectory: folder.path, processors: 2)
    #expect(effective.path == nil)
    #expect(effective.configuration == ExecutorConfiguration(processors: 2))
  }

  private func refusal(of path: String) -> String {
    do throws(ConfigurationError) {
      _ = try EffectiveConfiguration(environment: ["CONFIG_PATH": path])
      return "accepted"
    } catch {
      return error.description
    }
  }

  @Test func `a file that cannot be read is named`() throws {
    let folder = try Folder()
    #expect(refusal(of: "nosuch.yaml") == "nosuch.yaml is not there; it must be a readable YAML file")
    #expect(refusal(of: folder.path) == "\(folder.path) is a folder; it must be a readable YAML file")
    #expect(refusal(of: "/dev/null") == "/dev/null is not a plain file; it must be a readable YAML file")
    let large = try folder.write(Data(repeating: UInt8(ascii: "#"), count: 1 << 20 | 1), to: "large.yaml")
    #expect(refusal(of: large) == "\(large) has 1048577 bytes; it must be of at most 1048576 bytes")
    let latin = try folder.write(Data([0x61, 0x3A, 0x20, 0xE9]), to: "latin.yaml")
    #expect(refusal(of: latin) == "\(latin) is not UTF-8; it must be a readable YAML file")
    let good = try folder.write("executor: {port: many}", to: "good.yaml")
    #expect(refusal(of: good).hasPrefix("\(good):1: executor.port is \"many\""))
  }

  @Test func `a link to a file is followed, as Kubernetes mounts them`() throws {
    let folder = try Folder()
    let file = try folder.write("executor: {port: 4}", to: "..data/limits.yaml")
    let link = "\(folder.path)/limits.yaml"
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: file)
    #expect(try port(EffectiveConfiguration(environment: ["CONFIG_PATH": link])) == 4)
  }

  @Test func `the report says what is in force and from where`() throws {
    let text = "executor:\n  port: 7\nreplay:\n  compress: false\n"
    let effective = try EffectiveConfiguration(
      text: text,
      path: "limits.yaml",
      flags: ConfigurationFlags(host: "::1"),
      environment: ["LOG_LEVEL": "DEBUG"]
    )
    let lines = effective.report().split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
    #expect(lines.first == "Configuration file: limits.yaml")
    for line in [
      "executor.host ::1 --host", "executor.port 7 limits.yaml:2", "executor.max_connection_age_sec none default",
      "resource_limits.memory_limit 2g default", "resource_limits.network_disabled true always so in a sandbox",
      "replay.formats [mcap, json, html] default", "logging.level debug LOG_LEVEL",
    ] {
      #expect(lines.contains(line), "no line \(line)")
    }
    #expect(lines.last == "Warning: limits.yaml:4: replay.compress has no effect: recordings are always compressed")
    let starts = effective.report().split(separator: "\n").dropFirst().dropLast().map { line in
      line.distance(from: line.startIndex, to: line.range(of: "  ")?.lowerBound ?? line.endIndex)
    }
    #expect(starts.allSatisfy { $0 > 0 })
  }
}

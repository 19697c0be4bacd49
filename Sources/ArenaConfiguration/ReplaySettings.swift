internal import ArenaCore
public import Replay

/// The section `replay`: where replays lie, and how they are written.
public struct ReplaySettings: Sendable, Equatable {
  /// The replays' root (`replay.dir`, else `sandbox.replay_dir`).
  public var directory = "/tmp/replays"
  /// The forms that are kept (`formats`).
  public var formats = Set(ReplayFiles.Form.allCases)
  /// How the recording is written (`compression_level`, `chunk_kib`, `chunk_interval_sec`, `queue_depth`).
  public var options = ReplayOptions.standard

  /// The defaults.
  public init() {}

  init(_ reading: inout ConfigurationReading) {
    readDirectory(&reading)
    formats = reading.value("replay.formats", or: formats, shown: Self.shown) {
      (section, _) throws(FieldError) in try ReplayFiles.Form.kept(reading: section)
    }
    readOptions(&reading)
    reading.replaced(
      "replay.format",
      { (section, name) throws(FieldError) in try section.string(name) },
      { [formats] _ in "replay.formats says which forms are kept, which are \(Self.shown(formats))" }
    )
    reading.fixed("replay.compress", true, says: "recordings are always compressed")
    reading.replaced(
      "replay.max_frames",
      { (section, name) throws(FieldError) in try section.integer(name, in: 0...Int64.max) },
      { _ in "every frame is kept" }
    )
    reading.fixed("replay.include_observations", true, says: "observations are always recorded")
    reading.fixed("replay.include_actions", true, says: "actions are always recorded")
  }

  private mutating func readDirectory(_ reading: inout ConfigurationReading) {
    let own = reading.text("replay.dir")
    let published = "sandbox.replay_dir"
    directory = reading.text(published, or: directory)
    guard let own else { return }
    if own != directory, reading.source(of: published) != .standard {
      reading.warn(published, "replay.dir stands over it")
    }
    directory = own
    reading.show(published, own, from: reading.source(of: "replay.dir"))
  }

  /// Reads every option by itself, so that each mistake is found.
  private mutating func readOptions(_ reading: inout ConfigurationReading) {
    func option(_ name: String, _ shown: (ReplayOptions) -> String) -> ReplayOptions {
      reading.value("replay.\(name)", or: .standard, shown: shown) { (section, name) throws(FieldError) in
        try section.only(name).map { section throws(FieldError) in try ReplayOptions(reading: section) }
      }
    }
    let level = option("compression_level") { "\($0.level)" }
    let chunk = option("chunk_kib") { "\($0.chunkBytes / 1024)" }
    let interval = option("chunk_interval_sec") { ConfigurationReading.shown($0.chunkInterval) }
    let depth = option("queue_depth") { "\($0.queueDepth)" }
    do throws(FieldError) {
      options = try ReplayOptions(
        level: level.level,
        chunkBytes: chunk.chunkBytes,
        chunkInterval: interval.chunkInterval,
        queueDepth: depth.queueDepth
      )
    } catch {
      preconditionFailure("each option was checked by itself: \(error)")
    }
  }

  private static func shown(_ formats: Set<ReplayFiles.Form>) -> String {
    ConfigurationReading.shown(ReplayFiles.Form.allCases.filter(formats.contains).map(\.rawValue))
  }
}

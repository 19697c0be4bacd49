internal import ArenaCore
internal import ArenaSystem
internal import Glibc

/// Exports whole replays.
public enum ReplayExport {
  /// The export was called off. What was written is not complete.
  public struct CalledOff: Error, Sendable {}

  /// How many events are written between two questions whether to go on.
  private static let eventsBetweenQuestions = 256

  /// Writes a replay in another format.
  ///
  /// Of a file that breaks off or is damaged, everything before is exported, as a complete document; then the damage is thrown.
  ///
  /// - Parameters:
  ///   - reader: the replay.
  ///   - format: how it is written.
  ///   - descriptor: where to; it stays the caller's.
  ///   - shouldGoOn: asked now and then; false ends the export.
  /// - Throws: `ReplayError` if the replay is damaged or does not say what was played; `SystemFailure` if it cannot be written;
  ///   `CalledOff` if `shouldGoOn` said no.
  public static func write(
    _ reader: ReplayReader,
    as format: ReplayExportFormat,
    to descriptor: Int32,
    shouldGoOn: () -> Bool = { true }
  ) throws {
    let match = try match(of: reader)
    let heading = ReplayHeading(reader)
    switch format {
    case .json:
      var exporter = JSONExport(match, heading, to: descriptor)
      try write(reader, to: &exporter, shouldGoOn)
    case .csv:
      var exporter = CSVExport(match, to: descriptor)
      try write(reader, to: &exporter, shouldGoOn)
    case .html:
      var exporter = HTMLExport(match, heading, to: descriptor)
      try write(reader, to: &exporter, shouldGoOn)
    case .package:
      var exporter = PackageExport(match, heading, to: descriptor)
      try write(reader, to: &exporter, shouldGoOn)
    }
  }

  /// The match that a replay is of: without it there is nothing to export.
  ///
  /// - Throws: `ReplayError` if the replay does not say.
  @discardableResult
  public static func match(of reader: ReplayReader) throws(ReplayError) -> ReplayMatch {
    do throws(FieldError) {
      return try ReplayMatch(metadata: reader.metadata)
    } catch {
      throw reader.damage ?? ReplayError(.damaged, reader.path, "it does not say which match it is of: \(error)")
    }
  }

  /// Writes a replay in another format to a file, which appears under its name once it is complete and replaces what was there.
  ///
  /// Of a replay that is damaged, the file holds everything before the damage; then the damage is thrown.
  ///
  /// - Throws: what `write(_:as:to:shouldGoOn:)` throws.
  public static func write(
    _ reader: ReplayReader,
    as format: ReplayExportFormat,
    toFile path: String,
    shouldGoOn: () -> Bool = { true }
  ) throws {
    guard !reader.input.isAlso(path) else {
      throw ReplayError(.inaccessible, path, "the export cannot take the place of the replay that it is made from")
    }
    let file = try ReplacedFile(path)
    do {
      try write(reader, as: format, to: file.descriptor, shouldGoOn: shouldGoOn)
    } catch let damage as ReplayError where damage.kind != .inaccessible {
      try file.commit()
      throw damage
    }
    try file.commit()
  }

  private static func write<Exporter: ReplayExporter & ~Copyable>(
    _ reader: ReplayReader,
    to exporter: inout Exporter,
    _ shouldGoOn: () -> Bool
  ) throws {
    do {
      var events = try reader.makeEvents()
      var count = 0
      while let event = try events.next() {
        if count % eventsBetweenQuestions == 0, !shouldGoOn() { throw CalledOff() }
        try exporter.add(event)
        count += 1
      }
    } catch let error as ReplayError {
      // What could be read is a document of its own.
      try exporter.finish()
      throw error
    }
    try exporter.finish()
  }
}

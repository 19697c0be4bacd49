internal import ArenaSystem

/// Writes a replay's events in another format, in memory that does not grow with their number.
protocol ReplayExporter: ~Copyable {
  /// Writes the next event.
  ///
  /// - Throws: `SystemFailure` if it cannot be written.
  mutating func add(_ event: ReplayEvent) throws(SystemFailure)

  /// Writes what stands behind the last event. The document is complete then, whatever the number of events.
  ///
  /// - Throws: `SystemFailure` if it cannot be written.
  mutating func finish() throws(SystemFailure)
}

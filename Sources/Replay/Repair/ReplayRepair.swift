internal import Glibc

/// Makes whole files out of replays that are cut off or damaged.
public enum ReplayRepair {
  /// Writes everything that can be read of a replay to a new file that has its index.
  ///
  /// Chunks whose checksum is right are copied as they are; so is Metadata. What is damaged is left out, and the records behind it are found
  /// again. The new file appears under its name when it is complete, and replaces what was there.
  ///
  /// - Parameters:
  ///   - path: the replay, which is only read.
  ///   - output: the new file; not the same as `path`.
  ///   - limits: how much of the file may be taken into memory.
  /// - Returns: what was kept and what was not.
  /// - Throws: `ReplayError` if the file cannot be read, is no replay at all, or the new one cannot be written.
  public static func repair(
    _ path: String,
    to output: String,
    limits: ReplayReaderLimits = .standard
  ) throws(ReplayError) -> ReplayRepairReport {
    let input = try ReplayInput(path: path)
    guard !input.isAlso(output) else {
      throw ReplayError(
        .inaccessible,
        output,
        "the repaired replay cannot take the place of the file that it is made from"
      )
    }
    let temporary = "\(output).\(getpid()).partial"
    do throws(ReplayError) {
      var repair = try RepairRun(input, limits, to: temporary, reportedAs: output)
      try repair.run()
      guard rename(temporary, output) == 0 else {
        throw ReplayError(.inaccessible, output, "it cannot be put in place: \(String(cString: strerror(errno)))")
      }
      return repair.report
    } catch {
      unlink(temporary)
      throw error
    }
  }
}

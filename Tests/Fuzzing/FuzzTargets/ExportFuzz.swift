internal import Glibc
internal import Replay

/// Verifies a replay and exports it: a file's events may say anything about games that are played again by them.
enum ExportFuzz {
  /// Frames of one input that are played again.
  private static let mostEvents = 2000

  static func run(_ bytes: UnsafeRawBufferPointer) {
    let files = FuzzFiles(bytes)
    defer { files.remove() }
    guard let reader = try? ReplayReader(path: files.input), let match = try? ReplayMatch(metadata: reader.metadata),
      var events = try? reader.makeEvents()
    else { return }
    let sink = open("/dev/null", O_WRONLY | O_CLOEXEC)
    defer { close(sink) }
    let heading = JSONExport.Heading(
      totalSteps: reader.frameCount,
      startTime: reader.times?.lowerBound ?? 0,
      endTime: reader.times?.upperBound ?? 0
    )
    var json = JSONExport(match, heading, to: sink)
    var verification = try? ReplayVerification(match)
    var count = 0
    while count < mostEvents, let event = try? events.next() {
      count += 1
      do {
        try json.add(event)
      } catch {
        preconditionFailure("/dev/null takes everything")
      }
      verification?.add(event)
    }
    try? json.finish()
  }
}

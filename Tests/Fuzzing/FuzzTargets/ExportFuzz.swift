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
      var verification = try? ReplayVerification(match), var events = try? reader.makeEvents()
    else { return }
    let sink = open("/dev/null", O_WRONLY | O_CLOEXEC)
    defer { close(sink) }
    for format in ReplayExportFormat.allCases {
      var questions = 0
      // A question comes every 256 events.
      try? ReplayExport.write(reader, as: format, to: sink) {
        questions += 1
        return questions <= mostEvents / 256
      }
    }
    var count = 0
    while count < mostEvents, let event = try? events.next() {
      count += 1
      verification.add(event)
    }
    verification.finish()
  }
}

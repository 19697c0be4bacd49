import Foundation
import Glibc
import Replay
import TestSupport
import Testing

/// A file that cannot be written ends the recording and never the match.
@Suite struct WriteErrorTests {
  let folder: ReplayFolder

  init() throws { folder = try ReplayFolder() }

  /// Records `frames` frames that compress badly, a chunk each.
  private func record(_ frames: Int, to path: String) throws -> ReplayReport {
    let writer = ReplayWriter(
      path: path,
      metadata: ["match": ["id": "m"]],
      options: try ReplayOptions(chunkBytes: 1024, queueDepth: 2)
    )
    writer.addGameStart(
      game: 0,
      environmentSeed: 1,
      agents: [0, 1],
      observations: [],
      timeNanoseconds: ReplayWriter.sampleTime
    )
    for step in 1...frames {
      writer.addSampleFrame(step: step, size: 4000, isNoisy: true)
      if writer.isFull { writer.waitForRoom() }
    }
    writer.addGameEnd(
      game: 0,
      outcomes: [],
      scores: [],
      steps: frames,
      reason: "",
      timeNanoseconds: ReplayWriter.sampleTime
    )
    return writer.close(finalMetadata: ["result": [:]])
  }

  @Test func aMissingFolderIsReported() throws {
    let path = folder.path("missing/match.mcap")
    let report = try record(50, to: path)
    #expect(report.frames == 0)
    #expect(report.lostFrames == 50)
    #expect(report.bytes == 0)
    #expect(
      report.endedEarly
        == .init(frame: 1, reason: "\(path) cannot be opened for writing: No such file or directory.")
    )
  }

  @Test func aPathThatIsAFolderIsReported() throws {
    let report = try record(3, to: folder.url.path)
    #expect(report.endedEarly?.frame == 1)
    #expect(report.endedEarly?.reason.hasSuffix("cannot be opened for writing: Is a directory.") == true)
  }

  @Test(.enabled(if: geteuid() != 0, "root may write everywhere"))
  func missingPermissionIsReported() throws {
    let path = folder.path()
    #expect(FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o400]))
    let report = try record(3, to: path)
    #expect(report.endedEarly?.frame == 1)
    #expect(report.endedEarly?.reason.hasSuffix("cannot be opened for writing: Permission denied.") == true)
  }

  @Test func aFullDiskIsReported() throws {
    let report = try record(50, to: "/dev/full")
    #expect(report.frames == 0)
    #expect(report.lostFrames == 50)
    #expect(report.endedEarly == .init(frame: 1, reason: "writing to /dev/full failed: No space left on device."))
  }

  /// A limit on the size of files strikes in the middle of the match: what was complete by then stays readable, with an index where
  /// what is left of the last chunk's room suffices for one.
  @Test(arguments: [(size: 20_000, hasIndex: true), (size: 2000, hasIndex: false)])
  func aFileThatMayNotGrowKeepsItsCompleteChunks(size: Int, hasIndex: Bool) async throws {
    let path = folder.path()
    // The limit is the process's own; an exit test has a process of its own.
    await #expect(processExitsWith: .success) { [path = path as String, size = size as Int] in
      var limits = rlimit(rlim_cur: 100_000, rlim_max: 100_000)
      setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limits)
      let writer = ReplayWriter(path: path, options: try ReplayOptions(chunkBytes: 1024, queueDepth: 2))
      for step in 1...60 { writer.addSampleFrame(step: step, size: size, isNoisy: true) }
      let report = writer.close()
      guard let end = report.endedEarly, end.frame == report.frames + 1, report.frames >= 4, report.lostFrames >= 1,
        report.frames + report.lostFrames == 60, end.reason == "writing to \(path) failed: File too large."
      else { fatalError("\(report)") }
    }
    let script = """
      import sys
      from mcap.exceptions import EndOfFile
      from mcap.records import Footer, Message
      from mcap.stream_reader import StreamReader
      frames, has_index = 0, False
      try:
          for record in StreamReader(open(sys.argv[1], "rb"), validate_crcs=True).records:
              frames += isinstance(record, Message)
              has_index = isinstance(record, Footer)
      except EndOfFile:
          pass
      print(frames, has_index)
      """
    let output = try String(decoding: await TestPython.run(script, arguments: [path]), as: UTF8.self).split(
      separator: " "
    )
    #expect(try #require(Int(output[0])) >= 90_000 / (size + 200))
    #expect(output[1] == (hasIndex ? "True\n" : "False\n"))
    if hasIndex { #expect(try await PythonReader.read(path).frames.map(\.step) == [1, 2, 3, 4]) }
  }

  @Test func aFolderThatIsRemovedInMidMatchIsReported() throws {
    let inner = try ReplayFolder()
    let path = inner.path()
    let recorded = DispatchSemaphore(value: 0)
    let removed = DispatchSemaphore(value: 0)
    let counter = Counter()
    let writer = ReplayWriter(
      path: path,
      metadata: [:],
      options: try ReplayOptions(chunkBytes: 1024, queueDepth: 2),
      beforeEachChunk: {
        // The preamble and two chunks are in the file when it goes.
        guard counter.next() == 4 else { return }
        recorded.signal()
        removed.wait()
      },
      beforeWaiting: nil
    )
    for step in 1...3 {
      writer.addSampleFrame(step: step, size: 2000)
      // As the match does between steps: a full chunk is handed over by nobody else.
      writer.waitForRoom()
    }
    recorded.wait()
    try FileManager.default.removeItem(at: inner.url)
    removed.signal()
    for step in 4...50 { writer.addSampleFrame(step: step, size: 2000) }
    let report = writer.close(finalMetadata: ["result": [:]])
    #expect(report.endedEarly == .init(frame: 1, reason: "\(path) was removed while it was recorded."))
    #expect(report.frames == 0 && report.lostFrames == 50 && report.bytes == 0 && report.sha256 == nil)
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test func aFileThatIsRemovedAfterItsLastChunkIsReportedToo() throws {
    let writer = ReplayWriter(path: folder.path())
    writer.addSampleFrame(step: 1)
    #expect(unlink(folder.path()) == 0)
    let report = writer.close()
    #expect(report.endedEarly?.frame == 1 && report.frames == 0)
  }

  @Test func aFileThatIsMovedIsRecordedOn() async throws {
    let writer = ReplayWriter(path: folder.path())
    writer.addSampleFrame(step: 1)
    #expect(rename(folder.path(), folder.path("moved.mcap")) == 0)
    #expect(writer.close().endedEarly == nil)
    #expect(try await PythonReader.read(folder.path("moved.mcap")).frames.count == 1)
  }

  @Test func closingTwiceIsHarmless() async throws {
    let writer = ReplayWriter(path: folder.path())
    writer.addSampleFrame(step: 1)
    let report = writer.close()
    writer.addSampleFrame(step: 2)
    writer.addMetadata(name: "late", [:])
    #expect(report.frames == 1)
    #expect(writer.close().frames == 1)
    #expect(writer.close().lostFrames == 1)
    #expect(try await PythonReader.read(folder.path()).frames.count == 1)
  }

  @Test func aWriterThatIsDroppedLeavesAWholeFile() async throws {
    do {
      let writer = ReplayWriter(path: folder.path())
      writer.addSampleFrame(step: 1)
    }
    #expect(try await PythonReader.read(folder.path()).frames.count == 1)
  }
}

import ArenaCore
import Foundation
import Replay
import TestSupport
import Testing

/// Files as other people's readers see them.
@Suite struct ReplayFileTests {
  let folder: ReplayFolder

  init() throws { folder = try ReplayFolder() }

  @Test func everythingRecordedIsReadBackByOtherLibraries() async throws {
    let writer = ReplayWriter(
      path: folder.path(),
      metadata: ["match": ["match_id": "match_123", "seed": "18446744073709551615"]]
    )
    let time = ReplayWriter.sampleTime
    let first: [UInt8] = Array(0..<32)
    var second = first
    second[31] = 99
    let action: [UInt8] = [2, 0, 0, 0, 0, 0, 0, 0]
    let mask: [UInt8] = [1, 0, 1]
    let note = "plan: go up – ↑"
    let message = "ValueError: nope"
    let info = #"{"ball_pos":[0.5,0.25]}"#
    writer.addGameStart(
      game: 3,
      environmentSeed: .max,
      agents: [1, 0],
      observations: [first, second],
      timeNanoseconds: time + 1_999
    )

    writer.beginFrame(step: 1, game: 3, timeNanoseconds: time + 5_999, terminated: false, truncated: false)
    writer.addSeat(first, action, reward: 0, thinkTimeNanoseconds: 21_999)
    writer.addSeat(
      second,
      action,
      reward: -1.5,
      thinkTimeNanoseconds: 5_000_000_000,
      mask: mask,
      note: note,
      faultMessage: message
    ) {
      $0.fault = .timeout
      $0.platformStall = true
      $0.forfeited = true
    }
    writer.addLateAnswer(seat: 1, step: 300, delayNanoseconds: 77_000)
    writer.addLateAnswer(seat: 0, step: 0, delayNanoseconds: 0)
    writer.addInfo(info.utf8Span)
    writer.endFrame()

    writer.beginFrame(step: 2, game: 3, timeNanoseconds: time, terminated: true, truncated: true)
    writer.addSeat(first, [], reward: -0.0) { $0.acted = false }
    writer.addSeat(first, action, reward: 1e300) { $0.fault = .startup }
    writer.endFrame()

    writer.addGameEnd(
      game: 3,
      outcomes: [.win, .loss, .draw, .none],
      scores: [11, 0.1],
      steps: 2,
      reason: "seat 1 forfeited",
      info: info,
      timeNanoseconds: time + 9_000
    )
    let report = writer.close(finalMetadata: ["result": ["status": "success"], "a": [:]])

    #expect(report.frames == 2)
    #expect(report.lostFrames == 0)
    #expect(report.endedEarly == nil)
    #expect(try report.bytes == UInt64(Data(contentsOf: URL(filePath: folder.path())).count))

    let file = try await PythonReader.read(folder.path())
    #expect(file.profile == "rl-arena")
    #expect(file.agree && file.isCanonical && file.isInTimeOrder)
    #expect(file.topics == ["/games", "/frames", "/frames", "/games"])
    let micros = time / 1000
    #expect(
      file.starts == [
        .init(game: 3, environmentSeed: .max, agents: [1, 0], observations: [first, second], time: micros + 1)
      ]
    )
    #expect(
      file.ends == [
        .init(
          game: 3,
          outcomes: [1, 2, 3, 0],
          scores: [11, 0.1],
          steps: 2,
          reason: "seat 1 forfeited",
          info: info,
          time: micros + 9
        )
      ]
    )
    try #require(file.frames.count == 2)
    func seat(_ observation: [UInt8]?) -> PythonReader.Seat {
      .init(
        observation: observation,
        action: action,
        reward: 0,
        fault: 0,
        thinkTime: 0,
        platformStall: false,
        idle: false,
        forfeited: false,
        actionMask: [],
        note: "",
        faultMessage: ""
      )
    }
    var seats = [seat(first), seat(second)]
    seats[0].thinkTime = 21
    seats[1].reward = -1.5
    seats[1].fault = 1
    seats[1].platformStall = true
    seats[1].thinkTime = 5_000_000
    seats[1].forfeited = true
    seats[1].actionMask = mask
    seats[1].note = note
    seats[1].faultMessage = message
    #expect(
      file.frames[0]
        == .init(
          sequence: 1,
          logTime: time + 5_000,
          step: 1,
          game: 3,
          terminated: false,
          truncated: false,
          seats: seats,
          lateAnswers: [.init(seat: 1, step: 300, delay: 77), .init(seat: 0, step: 0, delay: 0)],
          info: info
        )
    )
    // The second frame's clock ran backwards; its second seat sees what the first sees.
    #expect(file.frames[1].logTime == time + 5_000)
    #expect(file.frames[1].terminated && file.frames[1].truncated)
    #expect(file.frames[1].seats[0].idle && file.frames[1].seats[0].action == [])
    #expect(file.frames[1].seats[0].reward.sign == .minus)
    #expect(file.frames[1].seats[1].observation == nil)
    #expect(file.frames[1].seats[1].fault == 6 && file.frames[1].seats[1].reward == 1e300)

    #expect(file.metadata.map(\.name) == ["match", "a", "result"])
    #expect(file.metadata[0].metadata == ["match_id": "match_123", "seed": "18446744073709551615"])
    #expect(
      file.statistics
        == .init(
          messageCount: 4,
          schemaCount: 2,
          channelCount: 2,
          attachmentCount: 0,
          metadataCount: 3,
          chunkCount: 1,
          messageStartTime: time + 1_000,
          messageEndTime: time + 9_000,
          channelMessageCounts: ["/frames": 2, "/games": 2]
        )
    )
  }

  @Test(arguments: [0, 1, 20_000])
  func matchesOfAnyLengthAreReadBack(frames: Int) async throws {
    let writer = ReplayWriter(path: folder.path(), metadata: ["match": [:]])
    for step in 0..<frames { writer.addSampleFrame(step: step + 1) }
    let report = writer.close()
    #expect(report.frames == UInt64(frames))
    #expect(report.endedEarly == nil)

    let file = try await PythonReader.read(folder.path())
    #expect(file.agree && file.isCanonical && file.isInTimeOrder)
    #expect(file.frames.map(\.step) == (0..<frames).map { UInt64($0 + 1) })
    #expect(file.frames.map(\.sequence) == file.frames.map(\.step))
    #expect(file.frames.allSatisfy { $0.seats.count == 2 && $0.seats[1].observation == nil })
    #expect(file.frames.allSatisfy { $0.seats[0].observation == Array(repeating: UInt8($0.step % 256), count: 32) })
    #expect(file.statistics.messageCount == UInt64(frames))
    #expect(file.statistics.chunkCount == file.chunkIndexes)
    #expect(file.statistics.chunkCount == min(frames, 1) || frames * 100 / 65_536 < file.statistics.chunkCount)
  }

  @Test func observationsLargerThanAChunkAreRecorded() async throws {
    let writer = ReplayWriter(path: folder.path(), options: try ReplayOptions(chunkBytes: 1024, queueDepth: 1))
    for step in 1...5 { writer.addSampleFrame(step: step, size: 300_000, isNoisy: true) }
    writer.addSampleFrame(step: 6)
    #expect(writer.close().frames == 6)
    let file = try await PythonReader.read(folder.path())
    #expect(file.agree && file.isCanonical)
    #expect(file.frames.map { $0.seats[0].observation?.count } == [300_000, 300_000, 300_000, 300_000, 300_000, 32])
    #expect(file.statistics.chunkCount == 6)
  }

  @Test func aChunkClosesWhenItsFramesSpanTheInterval() async throws {
    let writer = ReplayWriter(path: folder.path(), options: try ReplayOptions(chunkInterval: .milliseconds(250)))
    for step in 1...6 { writer.addSampleFrame(step: step, interval: 100_000_000) }
    #expect(writer.close().frames == 6)
    let file = try await PythonReader.read(folder.path())
    #expect(file.statistics.chunkCount == 2)
  }

  @Test func everyFaultHasItsNameInTheSchema() async throws {
    let writer = ReplayWriter(path: folder.path())
    for (step, fault) in FaultKind.allCases.enumerated() {
      writer.beginFrame(
        step: step,
        game: 0,
        timeNanoseconds: ReplayWriter.sampleTime,
        terminated: false,
        truncated: false
      )
      writer.addSeat([], [], reward: 0) { $0.fault = fault }
      writer.endFrame()
    }
    _ = writer.close()
    let script = """
      import sys
      from mcap.reader import make_reader
      from mcap_protobuf.decoder import DecoderFactory
      with open(sys.argv[1], "rb") as file:
          for *_, d in make_reader(file, decoder_factories=[DecoderFactory()]).iter_decoded_messages():
              kind = d.DESCRIPTOR.file.enum_types_by_name["Fault"]
              print(kind.values_by_number[d.seats[0].fault].name)
      """
    let names = try String(decoding: await TestPython.run(script, arguments: [folder.path()]), as: UTF8.self)
    #expect(
      names.split(separator: "\n").map(String.init) == FaultKind.allCases.map { "FAULT_\($0.rawValue.uppercased())" }
    )
  }

  @Test func theEmbeddedSchemaIsTheOneInTheProtoFolder() async throws {
    let script = """
      import re, sys
      from google.protobuf.descriptor_pb2 import FileDescriptorSet
      text = open(sys.argv[1]).read()
      files = FileDescriptorSet.FromString(bytes(int(h, 16) for h in re.findall("0x([0-9a-f]{2})", text))).file
      proto = re.sub("//.*", "", open(sys.argv[2]).read())
      declared = {m.name: {f.name: f.number for f in m.field} for m in files[0].message_type}
      assert len(files) == 1 and files[0].package == "rl_arena.replay"
      for name, body in re.findall(r"message (\\w+) \\{((?:[^{}]|\\{[^{}]*\\})*)\\}", proto):
          assert declared.pop(name) == {f: int(n) for f, n in re.findall(r"(\\w+) = (\\d+);", body)}, name
      assert not declared
      """
    let root = TestPython.packageRoot
    _ = try await TestPython.run(
      script,
      arguments: ["Sources/Replay/ReplayDescriptor.swift", "proto/replay.proto"].map { root.appending(path: $0).path }
    )
  }

  /// The fourth chunk is never written: its thread kills the process as it takes it up, after the preamble and three chunks.
  @Test func aKilledProcessLeavesItsCompleteChunks() async throws {
    let path = folder.path()
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
      let counter = Counter()
      let writer = ReplayWriter(
        path: path,
        metadata: [:],
        options: try ReplayOptions(chunkBytes: 1024, queueDepth: 16),
        beforeEachChunk: { if counter.next() == 5 { kill(getpid(), SIGKILL) } },
        beforeWaiting: nil
      )
      for step in 1...10 { writer.addSampleFrame(step: step, size: 2000) }
      writer.close()
    }
    let script = """
      import sys
      from mcap.exceptions import EndOfFile
      from mcap.records import Message
      from mcap.stream_reader import StreamReader
      try:
          for record in StreamReader(open(sys.argv[1], "rb"), validate_crcs=True).records:
              if isinstance(record, Message):
                  print(record.sequence, end=" ")
      except EndOfFile:
          pass
      """
    #expect(try String(decoding: await TestPython.run(script, arguments: [path]), as: UTF8.self) == "1 2 3 ")
  }

  @Test func aFrameThatIsLeftInTheMiddleIsDropped() async throws {
    let writer = ReplayWriter(path: folder.path())
    writer.addSampleFrame(step: 1)
    writer.beginFrame(step: 2, game: 0, timeNanoseconds: 0, terminated: false, truncated: false)
    writer.addSeat([], [], reward: 1)
    let report = writer.close()
    #expect(report.frames == 1)
    #expect(report.lostFrames == 1)
    #expect(try await PythonReader.read(folder.path()).frames.map(\.step) == [1])
  }
}

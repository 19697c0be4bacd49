internal import AgentProtocol
internal import ArenaCore
internal import CZstd
internal import Environments
internal import Glibc
internal import MatchEngine
internal import Replay

/// Inputs to begin with, as real as they come: short matches through the engine.
///
/// A checksum stops every changed byte behind it, so each replay is there a second time with chunks that are not compressed and no checksums,
/// both of which MCAP allows.
public enum FuzzSeeds {
  /// Why a seed could not be made.
  public struct Failure: Error, CustomStringConvertible {
    /// One sentence.
    public let description: String
  }

  /// Writes the seeds of `target` to `folder`, which exists.
  ///
  /// - Throws: what went wrong.
  public static func write(for target: FuzzTarget, to folder: String) async throws {
    guard target != .frames else { return try writeFrames(to: folder) }
    let whole = "\(folder)/pong.mcap"
    try await play(games: 2, steps: 6, to: whole)
    try open(whole, to: "\(folder)/pong-open.mcap")
    let everything = "\(folder)/everything.mcap"
    try record(to: everything)
    try open(everything, to: "\(folder)/everything-open.mcap")
    // What a killed process leaves behind.
    let bytes = try read(whole)
    try write(bytes.prefix(bytes.count * 2 / 3), to: "\(folder)/cut.mcap")
  }

  private static func play(games: Int, steps: Int, to path: String) async throws {
    let spec = try MatchSpec(
      matchID: "seed",
      environment: Pong.name,
      agents: [AgentSpec(agentID: "left"), AgentSpec(agentID: "right")],
      seed: 7,
      games: games
    )
    let pong = try Pong(configuration: ["max_steps": .integer(Int64(steps))])
    var plan = MatchPlan(
      spec: spec,
      sources: [.builtIn(.random), .builtIn(.noop)],
      replayPath: path,
      provenance: Provenance.metadata(of: spec, game: pong.spec)
    )
    plan.replayOptions = try ReplayOptions(chunkBytes: 1024)
    let result = await (try Match(plan, environment: pong)).play()
    guard result.recording?.frames == games * steps else { throw Failure(description: "a match was not recorded") }
  }

  /// Records one frame that has everything a frame can have.
  private static func record(to path: String) throws {
    let writer = ReplayWriter(path: path, metadata: ["match": ["match_id": "everything", "seed": "7"]])
    let bytes: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]
    writer.addGameStart(
      game: 0,
      environmentSeed: 7,
      agents: [1, 0],
      observations: [bytes, bytes],
      timeNanoseconds: 1000
    )
    writer.beginFrame(step: 1, game: 0, timeNanoseconds: 2000, terminated: true, truncated: true)
    bytes.withUnsafeBytes { bytes in
      var seat = RecordedSeat(observation: bytes, action: bytes, reward: -1.5, thinkTimeNanoseconds: 300_000)
      seat.fault = .exception
      seat.platformStall = true
      seat.forfeited = true
      var details = RecordedSeat.Details()
      details.actionMask = bytes
      details.note = UnsafeRawBufferPointer(rebasing: bytes[..<1])
      details.faultMessage = details.note
      seat.details = details
      writer.addSeat(seat)
      seat.acted = false
      writer.addSeat(seat)
    }
    writer.addLateAnswer(seat: 1, step: 1, delayNanoseconds: 5000)
    let info = #"{"score":[1,2.5]}"#
    writer.addInfo(info.utf8Span)
    writer.endFrame()
    writer.addGameEnd(
      game: 0,
      outcomes: [.win, .loss],
      scores: [1, -1],
      steps: 1,
      reason: "terminated",
      info: info,
      timeNanoseconds: 3000
    )
    writer.close(finalMetadata: ["result": ["json": "{}"]])
  }

  /// Writes a replay anew without compression and checksums.
  private static func open(_ path: String, to output: String) throws {
    let bytes = try read(path)
    var opened = Array(bytes[..<8])
    // The same without Schemas, which take up most of a small file.
    var bare = opened
    var position = 8
    while position + 9 <= bytes.count - 8 {
      let length = Int(bytes.span.bytes.integer(at: position + 1, as: UInt64.self))
      let record = position..<position + 9 + length
      position = record.upperBound
      // Up to DataEnd; repairing makes the index.
      if bytes[record.lowerBound] == 0x0F { break }
      let copy = bytes[record.lowerBound] == 0x06 ? try openedChunk(bytes, record) : Array(bytes[record])
      opened += copy
      if bytes[record.lowerBound] != 0x03 { bare += copy }
    }
    try write(bare[...], to: "\(output).bare")
    try write(opened[...], to: output)
    let whole = "\(output).whole"
    _ = try ReplayRepair.repair(output, to: whole)
    var repaired = try read(whole)
    unlink(whole)
    // The CRCs in the Footer and in DataEnd, which stands before the summary.
    let summary = Int(repaired.span.bytes.integer(at: repaired.count - 28, as: UInt64.self))
    for place in [repaired.count - 12, summary - 4] { repaired.replaceSubrange(place..<place + 4, with: [0, 0, 0, 0]) }
    try write(repaired[...], to: output)
  }

  private static func openedChunk(_ bytes: [UInt8], _ record: Range<Int>) throws -> [UInt8] {
    let span = bytes.span.bytes
    let content = record.lowerBound + 9
    let size = Int(span.integer(at: content + 16, as: UInt64.self))
    let records = content + 28 + 4 + 4 + 8
    let messages = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      count = bytes.withUnsafeBytes {
        ZSTD_decompress(buffer.baseAddress, size, $0.baseAddress.map { $0 + records }, record.upperBound - records)
      }
    }
    guard messages.count == size else { throw Failure(description: "a chunk could not be decompressed") }
    var chunk: [UInt8] = [0x06]
    func append(_ value: some FixedWidthInteger) { withUnsafeBytes(of: value.littleEndian) { chunk += $0 } }
    append(UInt64(8 + 8 + 8 + 4 + 4 + 8 + size))
    chunk += bytes[content..<content + 24]
    append(UInt32(0))
    append(UInt32(0))
    append(UInt64(size))
    return chunk + messages
  }

  private static func writeFrames(to folder: String) throws {
    let hello = ControlFrame.encode(
      .hello,
      HelloPayload(protocolVersions: [1], host: "h", language: "c", maxPayload: 9)
    )
    let ready = ControlFrame.encode(.ready, ReadyPayload(loadTimeNanoseconds: 1))
    let error = ControlFrame.encode(.error, flags: 1, sequence: 3, ErrorPayload(message: "m", traceback: "t"))
    let log = ControlFrame.encode(.log, LogPayload(level: "info", text: "x"))
    try write((hello + ready + error + log)[...], to: "\(folder)/control")
    let action: [UInt8] = [2, 0, 0, 0, 0, 0, 0, 0]
    var act = [UInt8](repeating: 0, count: FrameHeader.size + ActPayload.prefixSize + 8)
    act.withUnsafeMutableBytes { buffer in
      var bytes = buffer.mutableBytes
      ActPayload.write(to: &bytes, sequence: 1, cpuTimeNanoseconds: 5, action: action.span.bytes)
    }
    try write((act + act)[...], to: "\(folder)/acts")
  }

  // MARK: - Files

  /// The bytes of a file.
  ///
  /// - Throws: `Failure` if it cannot be read.
  public static func read(_ path: String) throws(Failure) -> [UInt8] {
    guard let file = fopen(path, "r") else { throw Failure(description: "\(path) cannot be read") }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65_536)
    while case let count = fread(&piece, 1, piece.count, file), count > 0 { bytes += piece[..<count] }
    return bytes
  }

  private static func write(_ bytes: ArraySlice<UInt8>, to path: String) throws(Failure) {
    guard let file = fopen(path, "w") else { throw Failure(description: "\(path) cannot be written") }
    let count = bytes.withUnsafeBytes { fwrite($0.baseAddress, 1, $0.count, file) }
    guard fclose(file) == 0, count == bytes.count else { throw Failure(description: "\(path) cannot be written") }
  }
}

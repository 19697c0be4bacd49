import AgentProtocol
import ArenaCore
import Foundation
import Testing

/// Every golden vector, read and written byte for byte.
@Suite struct GoldenVectorTests {
  @Test func `there are vectors of every kind of frame`() {
    #expect(Set(Vectors.frames.map(\.kind)) == Set(FrameKind.allCases.map(\.rawValue)))
    #expect(Vectors.malformed.count >= 15)
  }

  @Test(arguments: Vectors.frames) func `headers are written as the vector has them`(vector: FrameVector) throws {
    let kind = try #require(FrameKind(rawValue: vector.kind))
    var bytes = [UInt8](repeating: 0xEE, count: FrameHeader.size)
    let header = FrameHeader(
      length: UInt32(vector.payload.count),
      kind: kind,
      flags: vector.flags,
      sequence: vector.sequence
    )
    bytes.withUnsafeMutableBytes { buffer in
      var span = buffer.mutableBytes
      header.write(to: &span)
    }
    #expect(hex(bytes) == hex(vector.bytes.prefix(FrameHeader.size)))
  }

  @Test(arguments: Vectors.frames) func `headers are read, and taken from agents only if agents may send them`(
    vector: FrameVector
  ) throws {
    let kind = try #require(FrameKind(rawValue: vector.kind))
    let bytes = vector.bytes
    let isOrchestratorsError = kind == .error && vector.flags == 0
    if kind.isSentByAgent, !isOrchestratorsError {
      let header = try FrameHeader(fromAgent: bytes.span.bytes, maxPayload: bytes.count - FrameHeader.size)
      #expect(
        header
          == FrameHeader(
            length: UInt32(vector.payload.count),
            kind: kind,
            flags: vector.flags,
            sequence: vector.sequence
          )
      )
      let error = #expect(throws: ProtocolViolation.self) {
        try FrameHeader(fromAgent: bytes.span.bytes, maxPayload: bytes.count - FrameHeader.size - 1)
      }
      #expect(error?.code == "oversized")
    } else {
      let error = #expect(throws: ProtocolViolation.self) {
        try FrameHeader(fromAgent: bytes.span.bytes, maxPayload: 1 << 20)
      }
      #expect(error?.code == (isOrchestratorsError ? "bad_flags" : "wrong_direction"))
    }
  }

  @Test(arguments: Vectors.frames.filter { $0.json != nil })
  func `control frames are read and written again to the same bytes`(vector: FrameVector) throws {
    switch try #require(FrameKind(rawValue: vector.kind)) {
    case .hello: try rewrite(vector, HelloPayload.self)
    case .welcome: try rewrite(vector, WelcomePayload.self)
    case .ready: try rewrite(vector, ReadyPayload.self)
    case .reset: try rewrite(vector, ResetPayload.self)
    case .finish: try rewrite(vector, FinishPayload.self)
    case .error: try rewrite(vector, ErrorPayload.self)
    case .log: try rewrite(vector, LogPayload.self)
    case .observe, .act, .note: Issue.record("\(vector.name) is no control frame")
    }
    let payload = try #require(vector.json)
    #expect(try hex(frame(vector, payload)) == hex(vector.bytes), "as a plain JSON value")
  }

  private func rewrite<Payload: Codable>(_ vector: FrameVector, _ type: Payload.Type) throws {
    let kind = try #require(FrameKind(rawValue: vector.kind))
    let payload = try ControlFrame.decode(type, kind, payload: vector.payload)
    #expect(try hex(frame(vector, payload)) == hex(vector.bytes))
  }

  private func frame(_ vector: FrameVector, _ payload: some Encodable) throws -> [UInt8] {
    let kind = try #require(FrameKind(rawValue: vector.kind))
    return ControlFrame.encode(kind, flags: vector.flags, sequence: vector.sequence, payload)
  }

  @Test(arguments: Vectors.frames.filter { $0.observe != nil })
  func `observations are read and written`(vector: FrameVector) throws {
    let expected = try #require(vector.observe)
    let layout = try SpaceLayout(parsing: expected.space)
    let payload = vector.payload
    let end = ObservePayload.prefixSize + layout.size
    #expect(payload.count == ObservePayload.size(observation: layout.size, actionMask: expected.mask.count))

    let prefix = ObservePayload(payload.span.bytes)
    #expect(prefix.reward == expected.reward.double)
    #expect(prefix.stepTimeoutNanoseconds == expected.stepTimeout)
    #expect(prefix.timeBankNanoseconds == expected.timeBank)
    #expect(prefix.step == expected.step)
    #expect(prefix.game == expected.game)
    #expect(try asRead(layout.value(in: payload.span.bytes.extracting(32..<end))) == expected.value)
    #expect(Array(payload[end...]) == expected.mask)

    var frame = [UInt8](repeating: 0, count: FrameHeader.size + payload.count)
    frame.withUnsafeMutableBytes { buffer in
      var span = buffer.mutableBytes
      prefix.write(to: &span, sequence: vector.sequence, payloadSize: payload.count)
    }
    frame.replaceSubrange(
      ObservePayload.observationOffset...,
      with: try layout.bytes(of: expected.value) + expected.mask
    )
    #expect(hex(frame) == vector.hex)
  }

  @Test(arguments: Vectors.frames.filter { $0.act != nil })
  func `actions are read and written`(vector: FrameVector) throws {
    let expected = try #require(vector.act)
    let layout = try SpaceLayout(parsing: expected.space)
    let payload = vector.payload
    #expect(payload.count == ActPayload.prefixSize + layout.size)
    #expect(ActPayload.cpuTimeNanoseconds(payload.span.bytes) == expected.cpuTime)
    let action = Array(payload.dropFirst(ActPayload.prefixSize))
    #expect(try asRead(layout.value(in: action.span.bytes)) == expected.value)
    #expect(ActionChecker(layout).problem(with: action.span.bytes, mask: RawSpan()) == nil)

    let written = try layout.bytes(of: expected.value)
    var frame = [UInt8](repeating: 0xEE, count: FrameHeader.size + ActPayload.prefixSize + layout.size)
    frame.withUnsafeMutableBytes { buffer in
      var span = buffer.mutableBytes
      ActPayload.write(
        to: &span,
        sequence: vector.sequence,
        cpuTimeNanoseconds: expected.cpuTime,
        action: written.span.bytes
      )
    }
    #expect(hex(frame) == vector.hex)
  }

  @Test(arguments: Vectors.frames.compactMap { $0.observe?.space ?? $0.act?.space })
  func `spaces are described as the vectors describe them`(space: JSONValue) throws {
    #expect(try asRead(SpaceLayout(parsing: space).jsonDescription) == space)
  }

  @Test(arguments: Vectors.malformed) func `malformed frames are refused with their word`(vector: MalformedVector) {
    let error = #expect(throws: ProtocolViolation.self) {
      try FrameHeader(fromAgent: vector.bytes.span.bytes, maxPayload: ProtocolLimits.controlPayload)
    }
    #expect(error?.code == vector.error)
    #expect(error?.description.hasPrefix("sent ") == true)
  }
}

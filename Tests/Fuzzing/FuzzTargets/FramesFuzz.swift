internal import AgentProtocol
internal import ArenaCore

/// Takes bytes for what an agent sends: frames one after the other, each payload read as its kind asks for.
enum FramesFuzz {
  private static let layouts: [SpaceLayout] = {
    let spaces: [Space] = [
      .discrete(n: 3), .box(.float32, shape: [2, 3], low: nil, high: nil),
      .dict([
        (key: "a", space: .discrete(n: 5)),
        (
          key: "b",
          space: .tuple([
            .box(.uint8, shape: [4], low: nil, high: nil), .text(minLength: 0, maxLength: 7, charset: nil),
            .multiBinary(shape: [3]), .multiDiscrete([2, 4]),
          ])
        ),
      ]),
    ]
    return spaces.compactMap { try? SpaceLayout($0) }
  }()

  static func run(_ bytes: UnsafeRawBufferPointer) {
    var rest = bytes
    while rest.count >= FrameHeader.size {
      let header: FrameHeader
      do throws(ProtocolViolation) {
        header = try FrameHeader(fromAgent: rest.bytes, maxPayload: ProtocolLimits.controlPayload)
      } catch {
        precondition(!error.description.isEmpty)
        return
      }
      rest = UnsafeRawBufferPointer(rebasing: rest[FrameHeader.size...])
      guard Int(header.length) <= rest.count else { return }
      read(header.kind, UnsafeRawBufferPointer(rebasing: rest[..<Int(header.length)]))
      rest = UnsafeRawBufferPointer(rebasing: rest[Int(header.length)...])
    }
  }

  private static func read(_ kind: FrameKind, _ payload: UnsafeRawBufferPointer) {
    let bytes = Array(payload)
    switch kind {
    case .hello: _ = try? ControlFrame.decode(HelloPayload.self, kind, payload: bytes)
    case .ready: _ = try? ControlFrame.decode(ReadyPayload.self, kind, payload: bytes)
    case .error: _ = try? ControlFrame.decode(ErrorPayload.self, kind, payload: bytes)
    case .log:
      _ = try? ControlFrame.decode(LogPayload.self, kind, payload: bytes)
      // Spaces come from an environment's host, and from replays.
      _ = try? ControlFrame.decode(SpaceLayout.self, kind, payload: bytes)
    case .act: for layout in layouts { check(layout, bytes) }
    default: break
    }
  }

  private static func check(_ layout: SpaceLayout, _ bytes: [UInt8]) {
    guard bytes.count == ActPayload.prefixSize + layout.size else { return }
    _ = ActPayload.cpuTimeNanoseconds(bytes.span.bytes)
    let action = Array(bytes[ActPayload.prefixSize...])
    let problem = ActionChecker(layout).problem(with: action.span.bytes, mask: [UInt8]().span.bytes)
    let value = layout.value(in: action.span.bytes)
    guard problem == nil else { return }
    precondition((try? layout.bytes(of: value)) != nil, "an action of the space is a value of the space")
  }
}

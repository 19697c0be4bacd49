import AgentProtocol
import ArenaCore
import Replay

/// A match of agents whose every word is meant to break the page, with frames that do not fit their space.
struct HostileSample {
  /// Would run, if anything here were taken for markup.
  static let attack =
    #"</script><script>globalThis.broken = true</script><img src=x onerror="globalThis.broken = true"><!--"#

  func record(to path: String) throws {
    let layout = try SpaceLayout(.box(.float32, shape: [4], low: nil, high: nil))
    let action = try SpaceLayout(.discrete(n: 3))
    var recorder = try SampleRecorder(
      path,
      environment: "game\(Self.attack)",
      configuration: ["key\(Self.attack)": .string(Self.attack)],
      agents: [Self.attack, "{{program}}\u{202E}\u{0}\u{2028} & ' \" " + String(repeating: "x", count: 300)],
      observation: layout,
      action: action
    )
    let zeros = [UInt8](repeating: 0, count: layout.size)
    recorder.beginGame(seats: [0, 1], observations: [zeros, [1, 2, 3]])
    for step in 1...20 {
      var parts = [0, 1].map { _ in
        ReplayFrame.Seat(
          observation: zeros,
          action: [1, 0, 0, 0, 0, 0, 0, 0],
          thinkTimeMicroseconds: UInt64.max / 2000
        )
      }
      parts[0].note = Self.attack
      parts[1].fault = step % 2 == 0 ? .exception : nil
      parts[1].faultMessage = Self.attack
      if step == 7 { parts[1].observation = [9, 9] }
      if step == 8 { parts[0].action = [1] }
      recorder.add(parts, info: step == 9 ? Self.attack : "", isLast: step == 20)
    }
    recorder.endGame()
    recorder.finish(error: Self.attack)
  }
}

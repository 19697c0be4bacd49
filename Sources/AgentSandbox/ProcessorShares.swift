internal import ArenaSystem

/// Gives each agent of a match processors of its own, where there are enough.
///
/// Agents think in parallel. Left to the kernel, two of them often wake on one processor while another is idle, and then
/// think one after the other.
struct ProcessorShares: Equatable {
  /// The processors of each agent.
  let agents: [[Int]]
  /// The processors of the match's own thread: those that are left. Where there are none, the last agent's: the others have
  /// their observations first, and think while that one waits for the loop to be through.
  let match: [Int]
  /// Whether the match's thread shares its processors with an agent.
  let matchSharesWithAgent: Bool

  /// Divides the processors that this thread may use among `agents` agents that run `threads` threads each; nil where there are
  /// too few. Several matches at once begin at different processors.
  init?(agents: Int, threads: Int) {
    let available = ThreadProcessors.allowed
    self.init(available, agents: agents, threads: threads, first: available.indices.randomElement() ?? 0)
  }

  /// Divides `available` processors in their order, beginning with number `first` of them.
  init?(_ available: [Int], agents: Int, threads: Int, first: Int) {
    guard agents > 0, available.count >= agents else { return nil }
    let ordered = available[first...] + available[..<first]
    let size = max(1, min(threads, available.count / agents))
    self.agents = (0..<agents).map { Array(ordered.dropFirst($0 * size).prefix(size)) }
    let left = Array(ordered.dropFirst(agents * size))
    match = left.isEmpty ? self.agents[agents - 1] : left
    matchSharesWithAgent = left.isEmpty
  }
}

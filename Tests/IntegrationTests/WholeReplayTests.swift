import ArenaCore
import Foundation
import Glibc
import TestSupport
import Testing

/// Replays of the orchestrator, held against themselves with other people's software.
@Suite struct WholeReplayTests {
  @Test(arguments: [1, 3]) func `summary and index of a match's replay agree with its content`(games: Int) async throws
  {
    let outcome = try await ArenaMatch.play(
      [.good, .builtIn("random")],
      [
        "games": .integer(Int64(games)), "environment_config": .object(["max_steps": .integer(700)]),
        "replay": .object(["chunk_kib": .integer(8)]),
      ]
    )
    let check = try await ReplayCheck.check(outcome.replayFolder.appending(path: "match.mcap").path)
    #expect(check.problems == [])
    #expect(try check.frames == outcome.result.totalSteps && check.frames == 700 * games)
    #expect(check.gameEvents == 2 * games)
    #expect(check.chunks > 5 * games)
    #expect(check.metadata.contains("match") && check.metadata.contains("result"))
  }

  @Test func `what kill -9 leaves of a match is whole once it is repaired`() async throws {
    try await MatchSlots.shared.run {
      let match = try ArenaMatch(
        [.bot("kills_the_orchestrator"), .builtIn("random")],
        [
          "environment_config": .object(["max_steps": .integer(20_000), "winning_score": .integer(1_000_000)]),
          "replay": .object(["chunk_kib": .integer(16)]),
        ]
      )
      let file = match.folder.appending(path: "replay/replays/match.mcap")
      let outcome = try await match.finish()
      #expect(outcome.ending == .signal(SIGKILL))
      let left = try await outcome.replay()
      #expect(!left.isComplete && left.frames.count > 100 && left.frames.count < 5000)

      let whole = match.folder.appending(path: "whole.mcap")
      let repair = try ChildProcess(
        ArenaMatch.arenaPath,
        ["replay", "repair", file.path, "-o", whole.path],
        folder: match.folder,
        name: "repair"
      )
      #expect(await repair.end(within: 60) == .status(0), "\(repair.standardError)")
      let check = try await ReplayCheck.check(whole.path)
      #expect(check.problems == [])
      #expect(check.frames == left.frames.count)
      let repaired = try await ReplayContents.read(whole)
      #expect(repaired.isComplete && repaired.frames == left.frames && repaired.metadata == left.metadata)
    }
  }
}

public import Replay

extension LocalBackend {
  /// A match's log.
  public func log(of match: MatchRecord, agent: Int?, follows: Bool) async throws -> ByteStream {
    let paths = agent.map { files.agentLogs(match, agent: $0) } ?? [files.log(match.matchID)]
    let what = agent.map { "the agent \(match.agentIDs[$0])" } ?? "the match \(match.matchID)"
    return try await stream(FollowedFiles(paths: paths), of: match, what: "a log of \(what)", follows: follows)
  }

  /// A match's replay.
  public func replay(of match: MatchRecord, form: ReplayFiles.Form, follows: Bool) async throws -> ByteStream {
    let what = "a replay of the match \(match.matchID) in the form \(form.rawValue)"
    if form != .mcap, match.phase != .finished {
      throw MatchRefusal.tooEarly("\(what) is written when the match is over; the form mcap is there while it runs")
    }
    let path = files.replay(match.matchID).path(form)
    return try await stream(FollowedFiles(paths: [path]), of: match, what: what, follows: follows)
  }

  /// The contents of `files`, which the match writes until it is over.
  private func stream(
    _ files: FollowedFiles,
    of match: MatchRecord,
    what: String,
    follows: Bool
  ) async throws -> ByteStream {
    guard await files.isThere() || (follows && match.phase != .finished) else {
      throw match.phase < .running ? MatchRefusal.tooEarly("there is no \(what) yet") : .missing("there is no \(what)")
    }
    let id = match.matchID
    let changes = matches.changes(of: id)
    return ByteStream { [matches] in
      while true {
        // Asked before the file is: what was written before the end is there then.
        let isOver = !follows || matches.record(id)?.finished != nil || matches.record(id) == nil
        if let piece = await files.next() { return piece }
        if isOver {
          guard await !files.wasReplaced() else {
            throw MatchRefusal.aborted(
              "the match was begun anew, and what was sent is of the attempt before; ask again"
            )
          }
          return nil
        }
        var iterator = changes.makeAsyncIterator()
        _ = await iterator.next()
        try Task.checkCancellation()
      }
    }
  }
}

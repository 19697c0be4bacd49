internal import ArenaCore
internal import FoundationEssentials
internal import GRPCCore
internal import Replay
internal import SwiftProtobuf

/// The methods that answer with a stream.
extension ExecutorMethods {
  /// Requests of one stream that are taken before the first of them is answered: enough to keep every place busy.
  private static let mostTaken = 1000

  func runMatches(
    request: RPCAsyncSequence<Executor_MatchRequest, any Error>,
    response: RPCWriter<Executor_RunMatchesResponse>,
    context: ServerContext
  ) async throws {
    let deadline = Caller.deadline(context)
    let (answers, answer) = AsyncStream.makeStream(of: Executor_RunMatchesResponse.self)
    // A request is read only when there is room for it, and room is made only by an answer that has been sent: a client that sends much
    // or reads slowly is held back by the stream's own flow control.
    let (rooms, room) = AsyncStream.makeStream(of: Void.self)
    for _ in 0..<Self.mostTaken { room.yield() }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        defer { answer.finish() }
        try await withThrowingDiscardingTaskGroup { matches in
          var rooms = rooms.makeAsyncIterator()
          for try await request in request {
            guard await rooms.next() != nil else { throw CancellationError() }
            matches.addTask { answer.yield(await self.answer(to: request, callerDeadline: deadline)) }
          }
        }
      }
      group.addTask {
        // Without answers there is no more room: the reader must not wait for any.
        defer { room.finish() }
        for await answer in answers {
          try await response.write(answer)
          room.yield()
        }
      }
      // The first error ends the other task too.
      for try await _ in group {}
    }
  }

  private func answer(
    to request: Executor_MatchRequest,
    callerDeadline: Double?
  ) async -> Executor_RunMatchesResponse {
    var answer = Executor_RunMatchesResponse()
    answer.matchID = request.matchID
    do {
      answer.response = try await run(request, callerDeadline: callerDeadline)
    } catch {
      let told = CallErrors.code(of: error)
      answer.error.code = UInt32(told.code.rawValue)
      answer.error.message = told.message
    }
    return answer
  }

  func watchMatch(
    request: Executor_WatchMatchRequest,
    response: RPCWriter<Executor_MatchEvent>,
    context: ServerContext
  ) async throws {
    try await CallErrors.told {
      let id = try await record(request.matchID).matchID
      try await Caller.cancelledWithCall { [backend] in
        try await backend.whileWatched(id) {
          var news = MatchNews()
          for await _ in backend.matches.changes(of: id) {
            guard let record = backend.matches.record(id) else { return }
            for event in news.events(of: record) { try await response.write(event) }
          }
          try Task.checkCancellation()
        }
      }
    }
  }

  func getMatchLogs(
    request: Executor_GetMatchLogsRequest,
    response: RPCWriter<Executor_LogChunk>,
    context: ServerContext
  ) async throws {
    try await CallErrors.told {
      let record = try await record(request.matchID)
      let agent = request.agentID.isEmpty ? nil : record.agentIDs.firstIndex(of: request.agentID)
      guard request.agentID.isEmpty || agent != nil else {
        let agents = record.agentIDs.joined(separator: ", ")
        throw MatchRefusal.missing(
          "no agent \(request.agentID) plays in the match \(record.matchID); its agents are \(agents)"
        )
      }
      let isFollowed = request.follow
      try await follow(record, isFollowed) { [backend] in
        try await backend.log(of: record, agent: agent, follows: isFollowed)
      } send: { piece in
        var chunk = Executor_LogChunk()
        chunk.data = Data(piece)
        try await response.write(chunk)
      }
    }
  }

  func getReplay(
    request: Executor_GetReplayRequest,
    response: RPCWriter<Executor_ReplayChunk>,
    context: ServerContext
  ) async throws {
    try await CallErrors.told {
      guard let form = ReplayFiles.Form(rawValue: request.format.isEmpty ? "mcap" : request.format) else {
        let known = ReplayFiles.Form.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
        let given = JSONValue.string(request.format).description
        throw MatchRefusal.invalid([FieldError(field: "format", given: given, allowed: "one of \(known)")])
      }
      let record = try await record(request.matchID)
      let isFollowed = request.follow
      try await follow(record, isFollowed) { [backend] in
        try await backend.replay(of: record, form: form, follows: isFollowed)
      } send: { piece in
        var chunk = Executor_ReplayChunk()
        chunk.data = Data(piece)
        try await response.write(chunk)
      }
    }
  }

  /// Sends what `open` gives, piece by piece as the client takes it.
  private func follow(
    _ record: MatchRecord,
    _ isFollowed: Bool,
    _ open: @escaping @Sendable () async throws -> ByteStream,
    send: @escaping @Sendable ([UInt8]) async throws -> Void
  ) async throws {
    try await Caller.cancelledWithCall { [backend] in
      let body: @Sendable () async throws -> Void = {
        for try await piece in try await open() { try await send(piece) }
      }
      try await isFollowed && record.finished == nil ? backend.whileWatched(record.matchID, body) : body()
    }
  }
}

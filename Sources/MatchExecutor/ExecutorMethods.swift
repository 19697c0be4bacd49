internal import AgentSandbox
internal import AgentValidation
internal import ArenaCore
internal import GRPCCore
internal import SwiftProtobuf

/// The methods of `ExecutorService` that answer with one message, in the generated code's terms.
struct ExecutorMethods: Executor_Executor.SimpleServiceProtocol {
  let service: ExecutorService

  var backend: any MatchBackend { service.backend }

  func runMatch(
    request: Executor_MatchRequest,
    context: ServerContext
  ) async throws -> Executor_MatchResponse {
    try await CallErrors.told { try await run(request, callerDeadline: Caller.deadline(context)) }
  }

  /// Plays the match that `request` asks for and waits for its end, or until the caller goes away.
  func run(_ request: Executor_MatchRequest, callerDeadline: Double?) async throws -> Executor_MatchResponse {
    let match = try service.reader.read(request)
    let wait = try await backend.submit(match, callerDeadline: callerDeadline)
    let finished = try await withRPCCancellationHandler {
      try await wait.outcome()
    } onCancelRPC: {
      wait.leave()
    }
    return ResponseBuilder.response(finished, backend.matches.record(request.matchID)?.timings)
  }

  func validateAgent(
    request: Executor_ValidationRequest,
    context: ServerContext
  ) async throws -> Executor_ValidationResponse {
    try await CallErrors.told {
      guard request.agentID.utf8.count <= 256 else {
        let given = "\(request.agentID.utf8.count) bytes long"
        throw MatchRefusal.invalid([FieldError(field: "agent_id", given: given, allowed: "at most 256 bytes long")])
      }
      let report = try await Caller.cancelledWithCall { [service] in
        try await service.validator.validate(zip: Array(request.codeZip), environment: request.environment)
      }
      service.logger.info(
        "agent validated",
        metadata: [
          "agent_id": "\(request.agentID)", "environment": "\(request.environment)",
          "errors": .stringConvertible(report.errors.count), "warnings": .stringConvertible(report.warnings.count),
        ]
      )
      var response = Executor_ValidationResponse()
      response.valid = report.errors.isEmpty
      response.errors = report.errors
      response.warnings = report.warnings
      return response
    }
  }

  func healthCheck(
    request: Executor_HealthCheckRequest,
    context: ServerContext
  ) async throws -> Executor_HealthCheckResponse {
    let load = backend.matches.load
    var response = Executor_HealthCheckResponse()
    response.healthy = backend.matches.isOpen
    response.version = ArenaVersion.current
    response.activeMatches = UInt32(clamping: load.running)
    response.queuedMatches = UInt32(clamping: load.queued)
    return response
  }

  func getMatch(request: Executor_GetMatchRequest, context: ServerContext) async throws -> Executor_Match {
    try await CallErrors.told { ResponseBuilder.match(try await record(request.matchID)) }
  }

  func listMatches(
    request: Executor_ListMatchesRequest,
    context: ServerContext
  ) async throws -> Executor_ListMatchesResponse {
    try await CallErrors.told { try MatchList.page(of: backend.matches, request) }
  }

  func cancelMatch(request: Executor_CancelMatchRequest, context: ServerContext) async throws -> Executor_Match {
    try await CallErrors.told {
      let id = try await record(request.matchID).matchID
      guard request.reason.utf8.count <= 1000 else {
        let given = "\(request.reason.utf8.count) bytes long"
        throw MatchRefusal.invalid([FieldError(field: "reason", given: given, allowed: "at most 1000 bytes long")])
      }
      let reason = request.reason.isEmpty ? "called off by CancelMatch" : request.reason
      try await Caller.cancelledWithCall { [backend] in try await backend.cancel(id, reason: reason) }
      return ResponseBuilder.match(try await record(id))
    }
  }

  /// The match `id`, wherever it is known.
  func record(_ id: String) async throws -> MatchRecord {
    if let record = backend.matches.record(id) { return record }
    guard MatchSpec.isUsableName(id) else { throw MatchRefusal.unknownMatch(id) }
    try await backend.find(id)
    guard let record = backend.matches.record(id) else { throw MatchRefusal.unknownMatch(id) }
    return record
  }
}

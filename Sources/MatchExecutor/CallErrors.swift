internal import AgentSandbox
internal import ArenaCore
internal import ArenaSystem
internal import GRPCCore
internal import GRPCProtobuf

/// Turns what went wrong in a call into gRPC's terms.
enum CallErrors {
  /// What `body` returns; its errors become those that clients are told.
  static func told<Value>(_ body: () async throws -> Value) async throws -> Value {
    do {
      return try await body()
    } catch let refusal as MatchRefusal {
      throw refusal.status
    } catch let error as RPCError {
      throw error
    } catch {
      let (code, message) = code(of: error)
      throw RPCError(code: code, message: message, cause: error)
    }
  }

  /// The code and the sentence for an error.
  static func code(of error: any Error) -> (code: RPCError.Code, message: String) {
    switch error {
    case let refusal as MatchRefusal: (refusal.code, refusal.message)
    case let error as RPCError: (error.code, error.message)
    case is CancellationError: (.cancelled, "the call was cancelled")
    case let error as SandboxError: (.internalError, "this machine could not do it: \(error)")
    case let error as SystemFailure: (.internalError, "this machine could not do it: \(error)")
    default: (.internalError, "the executor failed: \(error)")
    }
  }
}

internal import GRPCCore
internal import SwiftProtobuf

/// The methods of `HealthService`, in the generated code's terms.
struct HealthMethods: Grpc_Health_V1_Health.SimpleServiceProtocol {
  let service: HealthService

  func check(
    request: Grpc_Health_V1_HealthCheckRequest,
    context: ServerContext
  ) async throws -> Grpc_Health_V1_HealthCheckResponse {
    guard let status = service.status(of: request.service) else {
      throw RPCError(code: .notFound, message: "there is no service \(request.service.debugDescription) here")
    }
    return Self.response(status)
  }

  func list(
    request: Grpc_Health_V1_HealthListRequest,
    context: ServerContext
  ) async throws -> Grpc_Health_V1_HealthListResponse {
    var response = Grpc_Health_V1_HealthListResponse()
    response.statuses = service.statuses.mapValues(Self.response)
    return response
  }

  func watch(
    request: Grpc_Health_V1_HealthCheckRequest,
    response: RPCWriter<Grpc_Health_V1_HealthCheckResponse>,
    context: ServerContext
  ) async throws {
    let (id, statuses) = service.watch(request.service)
    defer { service.endWatch(id) }
    try await withRPCCancellationHandler {
      var last: ServingStatus?
      for await status in statuses where status != last {
        try await response.write(Self.response(status))
        last = status
      }
    } onCancelRPC: {
      service.endWatch(id)
    }
    if service.isShutDown { throw RPCError(code: .unavailable, message: "the server is shutting down") }
  }

  private static func response(_ status: ServingStatus) -> Grpc_Health_V1_HealthCheckResponse {
    var response = Grpc_Health_V1_HealthCheckResponse()
    response.status =
      switch status {
      case .serving: .serving
      case .notServing: .notServing
      case .serviceUnknown: .serviceUnknown
      }
    return response
  }
}

internal import ArenaCore
internal import GRPCCore
internal import GRPCProtobuf

extension MatchRefusal {
  /// What clients are told to wait before they ask again.
  private static let retryDelay = Duration.seconds(1)
  /// Violations that are told; there may be one for every field of a request.
  private static let mostViolations = 20
  /// Trailers have to stay small: clients take 8 KiB of them.
  private static let longestValue = 120

  /// gRPC's code.
  var code: RPCError.Code {
    switch self {
    case .invalid: .invalidArgument
    case .differentRequest: .alreadyExists
    case .full: .resourceExhausted
    case .unavailable: .unavailable
    case .unknownMatch, .missing: .notFound
    case .tooEarly: .failedPrecondition
    case .aborted: .aborted
    }
  }

  /// What the client is told, in a sentence.
  var message: String {
    switch self {
    case .invalid(let errors): Self.told(errors).map(\.description).joined(separator: "; ")
    case .differentRequest(let matchID):
      "the match \(matchID) was asked for with a different request; a new match needs a new match_id"
    case .unknownMatch(let matchID):
      "there is no match \(Self.shortened(JSONValue.string(matchID).description)); it never was, or was forgotten"
    case .full(let message), .unavailable(let message), .missing(let message), .tooEarly(let message),
      .aborted(let message):
      message
    }
  }

  /// The error in gRPC's own form, with the fields that are wrong and whether to ask again.
  var status: GoogleRPCStatus {
    var details: [ErrorDetails] = []
    switch self {
    case .invalid(let errors):
      let violations = Self.told(errors).map {
        ErrorDetails.BadRequest.FieldViolation(field: $0.field, description: $0.description)
      }
      details.append(.badRequest(violations: violations))
    case .full, .unavailable: details.append(.retryInfo(delay: Self.retryDelay))
    case .differentRequest, .unknownMatch, .missing, .tooEarly, .aborted: break
    }
    return GoogleRPCStatus(code: code, message: message, details: details)
  }

  /// The first errors, each short enough to be sent.
  private static func told(_ errors: [FieldError]) -> [FieldError] {
    errors.prefix(mostViolations).map {
      FieldError(field: shortened($0.field), given: shortened($0.given), allowed: String($0.allowed.prefix(300)))
    }
  }

  private static func shortened(_ text: String) -> String {
    text.count <= longestValue ? text : "\(text.prefix(longestValue))… (\(text.count) characters)"
  }
}

internal import ArenaCore

/// Pages of the list of matches.
enum MatchList {
  private static let defaultSize = 100
  private static let largestSize: UInt32 = 1000
  /// A page ends here, whatever its size: responses stay far below the 4 MiB that gRPC's clients take.
  private static let mostBytes = 1 << 20

  /// The page that `request` asks for. Matches that come while somebody pages do not move the others.
  ///
  /// - Throws: `MatchRefusal.invalid`.
  static func page(
    of matches: MatchTable,
    _ request: Executor_ListMatchesRequest
  ) throws -> Executor_ListMatchesResponse {
    var errors: [FieldError] = []
    if request.pageSize > largestSize {
      errors.append(FieldError(field: "page_size", given: "\(request.pageSize)", allowed: "at most \(largestSize)"))
    }
    let before = UInt64(request.pageToken)
    if !request.pageToken.isEmpty, before == nil {
      let given = JSONValue.string(request.pageToken).description
      errors.append(FieldError(field: "page_token", given: given, allowed: "empty, or next_page_token of a page"))
    }
    if case .UNRECOGNIZED(let value) = request.phase {
      errors.append(FieldError(field: "phase", given: "\(value)", allowed: "one of MatchPhase"))
    }
    guard errors.isEmpty else { throw MatchRefusal.invalid(errors) }
    let size = request.pageSize == 0 ? defaultSize : Int(request.pageSize)
    // One more than wanted tells whether there is another page.
    let records = matches.records(before: before, limit: size + 1) { record in
      (request.phase == .phaseUnknown || ResponseBuilder.phase(record.phase) == request.phase)
        && (request.environment.isEmpty || record.environment == request.environment)
    }
    var response = Executor_ListMatchesResponse()
    var bytes = 0
    for record in records.prefix(size) {
      let summary = ResponseBuilder.summary(record)
      bytes += try summary.serializedData().count
      guard bytes <= mostBytes || response.matches.isEmpty else { break }
      response.matches.append(summary)
    }
    if response.matches.count < records.count, let last = response.matches.indices.last {
      response.nextPageToken = "\(records[last].number)"
    }
    return response
  }
}

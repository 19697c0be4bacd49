/// What is new about a match since somebody was last told.
struct MatchNews {
  private var toldPhase: MatchPhase?
  private var toldMessage = ""
  private var toldStanding: MatchStanding?

  /// The events that lead from what was told to what `record` says.
  mutating func events(of record: MatchRecord) -> [Executor_MatchEvent] {
    var events: [Executor_MatchEvent] = []
    for phase in MatchPhase.allCases where phase <= record.phase && toldPhase.map({ phase > $0 }) ?? true {
      guard let time = record.timings[phase] else { continue }
      events.append(ResponseBuilder.event(record, phase, at: time))
    }
    let hasMore = record.message != toldMessage || (record.phase == .running && record.standing != toldStanding)
    if events.isEmpty, hasMore, record.phase != .finished {
      events.append(ResponseBuilder.event(record, record.phase, at: record.timings[record.phase] ?? 0))
    }
    toldPhase = record.phase
    toldMessage = record.message
    toldStanding = record.standing
    return events
  }
}

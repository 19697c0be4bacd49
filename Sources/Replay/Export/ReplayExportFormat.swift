/// What a replay can be exported as.
public enum ReplayExportFormat: String, CaseIterable, Sendable {
  /// The layout that RL Arena's backend serves and its web player draws.
  case json
  /// A line for every step and seat.
  case csv
  /// One page that plays it, without a network.
  case html
  /// What the `rl-arena` package's `replay_to_html` takes.
  case package = "rl-arena"

  /// The ending of file names.
  public var fileExtension: String {
    switch self {
    case .json, .package: "json"
    case .csv: "csv"
    case .html: "html"
    }
  }
}

import ArgumentParser
import Glibc
import Replay

/// `arena replay cat`: a replay's events as lines of JSON.
struct ReplayCatCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cat",
    abstract: "Print a replay's events as lines of JSON.",
    discussion: """
      One line for each game's start, step and end. Of a file that is damaged, everything before the damage is printed.
      Exit status: 0 printed, 1 the file cannot be read, 2 the command cannot be carried out as it was given.
      """
  )

  @Argument(help: ArgumentHelp("The replay.", valueName: "file"), completion: .file(extensions: ["mcap"]))
  var path: String

  @Option(help: "Only this game, counted from 0.", transform: NumberArgument.parseGame)
  var game: Int?

  @Option(help: "Only steps from this one on, counted from 1 in each game.", transform: NumberArgument.parseStep)
  var from: Int?

  @Option(help: "Only steps up to this one.", transform: NumberArgument.parseStep)
  var to: Int?

  func validate() throws {
    if let from, let to, from > to { throw ValidationError("--from \(from) is behind --to \(to).") }
  }

  func run() throws {
    let reader = try ReplayReader(path: path)
    var lines = EventLines(ReplayCommand.match(reader.metadata), to: STDOUT_FILENO)
    var count = 0
    try ReplayCommand.writing {
      do {
        var events = try events(of: reader)
        while let event = try events.next() {
          let place = Self.place(of: event)
          if let game, place.game > game { break }
          guard isWanted(event, place) else { continue }
          try lines.add(event)
          count += 1
          if place.game == game, let step = place.step, step == to { break }
        }
      } catch {
        // What could be read comes before what is said about the rest.
        try lines.flush()
        throw error
      }
      try lines.flush()
    }
    guard count > 0 || (game == nil && from == nil && to == nil) else {
      let wanted = [("--game", game), ("--from", from), ("--to", to)].compactMap { name, value in
        value.map { "\(name) \($0)" }
      }
      throw ValidationError(
        "\(path) has nothing for \(wanted.joined(separator: " ")); `arena replay info` shows its games and steps."
      )
    }
  }

  /// Events from before the first that is wanted on: what precedes it need not be read.
  private func events(of reader: ReplayReader) throws -> ReplayEvents {
    // A game's start stands between the last frame of the game before and its own first one.
    guard let game, let number = try reader.frameNumber(game: game, step: from ?? 1), number > 0 else {
      return try reader.makeEvents()
    }
    return try reader.makeEvents(fromFrame: number - 1)
  }

  private func isWanted(_ event: ReplayEvent, _ place: (game: Int, step: Int?)) -> Bool {
    if let game, place.game != game { return false }
    if let step = place.step { return step >= from ?? 0 && step <= to ?? .max }
    if case .gameStart = event { return from == nil }
    return to == nil
  }

  private static func place(of event: ReplayEvent) -> (game: Int, step: Int?) {
    switch event {
    case .gameStart(let start): (start.game, nil)
    case .frame(let frame): (frame.game, frame.step)
    case .gameEnd(let end): (end.game, nil)
    }
  }
}

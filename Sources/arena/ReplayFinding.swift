import ArenaCore
import Foundation
import Replay

/// What playing a replay again has shown.
struct ReplayFinding {
  /// The file.
  let path: String
  /// Why the replay does not prove what it says; nil where it does.
  private(set) var problem: String?
  private var difference: ReplayVerification.Difference?
  private var frames = 0
  private var games = 0
  private var isComplete = false

  /// Whether everything in the file is as the game has it.
  var isVerified: Bool { problem == nil }

  /// Plays the replay at `path` again.
  ///
  /// - Parameter sha256: the SHA-256 that the file must have; nil for any.
  /// - Throws: `ReplayError` if the file cannot be read at all.
  init(path: String, sha256: String?) throws(ReplayError) {
    self.path = path
    if let sha256 {
      let actual = try ReplayChecksum.sha256(of: path)
      if actual != sha256.lowercased() { problem = "the file's SHA-256 is \(actual), not \(sha256.lowercased())" }
    }
    let reader = try ReplayReader(path: path)
    isComplete = reader.isComplete
    guard problem == nil else { return }
    do throws(FieldError) {
      var verification = try ReplayVerification(try ReplayMatch(metadata: reader.metadata))
      verify(reader, &verification)
    } catch {
      problem = "\(error)"
    }
  }

  /// A replay that cannot be read.
  init(unreadable error: ReplayError) {
    path = error.path
    problem = "\(error)"
  }

  private mutating func verify(_ reader: ReplayReader, _ verification: inout ReplayVerification) {
    do throws(ReplayError) {
      var events = try reader.makeEvents()
      while verification.difference == nil, let event = try events.next() { verification.add(event) }
      if isComplete { verification.finish() }
    } catch {
      problem = "\(error)"
    }
    difference = verification.difference
    frames = verification.frames
    games = verification.completeGames
    if let difference { problem = "\(difference)" }
  }

  /// One or two lines for a person.
  var text: String {
    guard let problem else {
      let games = "\(games) complete \(games == 1 ? "game" : "games")"
      return "verified: \(frames) \(frames == 1 ? "frame" : "frames"), \(games)"
        + (isComplete
          ? ""
          : "\nThe file has no end: it is still written, or its writer was killed. What it has is as the game has it.")
    }
    return "not verified: \(problem)"
  }

  /// One object for a program.
  var json: String {
    get throws {
      let object: [String: JSONValue] = [
        "path": .string(path), "verified": .bool(isVerified), "frames": .integer(Int64(frames)),
        "games": .integer(Int64(games)), "is_complete": .bool(isComplete),
        "problem": problem.map(JSONValue.string) ?? .null,
        "difference": difference.map { difference in
          .object([
            "game": Self.number(difference.game), "step": Self.number(difference.step),
            "seat": Self.number(difference.seat), "what": .string(difference.what),
          ])
        } ?? .null,
      ]
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      return String(decoding: try encoder.encode(JSONValue.object(object)), as: UTF8.self)
    }
  }

  private static func number(_ value: Int?) -> JSONValue { value.map { .integer(Int64($0)) } ?? .null }
}

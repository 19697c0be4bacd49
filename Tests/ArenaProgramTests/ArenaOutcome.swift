import ArenaCore
import Foundation
import TestSupport
import Testing

/// What a run of `arena` came to.
struct ArenaOutcome: Sendable {
  /// How it ended; nil where it had to be killed.
  var ending: ChildProcess.Ending?
  var standardOutput: String
  var standardError: String

  /// Its exit status; nil where it has none.
  var status: Int32? {
    guard case .status(let status) = ending else { return nil }
    return status
  }

  /// The match's result: all that stands on standard output.
  var result: MatchResult {
    get throws {
      do {
        return try JSONDecoder().decode(MatchResult.self, from: Data(standardOutput.utf8))
      } catch {
        throw ChildProcess.Failure(description: "no result, but \(standardOutput)\(standardError): \(error)")
      }
    }
  }

  /// The same, with whatever keys it has.
  var object: [String: JSONValue] {
    get throws { try JSONDecoder().decode([String: JSONValue].self, from: Data(standardOutput.utf8)) }
  }

  /// Checks that a person was told what is wrong, and was shown nothing of the program's inside.
  func expectRefusal(_ says: [String], sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(status == 2, sourceLocation: sourceLocation)
    #expect(standardOutput == "", sourceLocation: sourceLocation)
    let lines = standardError.split(separator: "\n")
    let sentence = lines.first.map(String.init) ?? ""
    #expect(sentence.hasPrefix("Error: "), "\(standardError)", sourceLocation: sourceLocation)
    for word in says { #expect(sentence.contains(word), sourceLocation: sourceLocation) }
    // How the command is used may follow, and nothing else.
    for line in lines.dropFirst() {
      let isUsage = ["Help:", "Usage:", "  See"].contains { line.hasPrefix($0) }
      #expect(isUsage, "\(line)", sourceLocation: sourceLocation)
    }
    for inside in ["Fatal error", "Swift.", "FieldError", "Optional(", "NSCocoa", "0x"] {
      #expect(!standardError.contains(inside), sourceLocation: sourceLocation)
    }
  }
}

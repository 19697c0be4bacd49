public import ArenaCore
internal import ArenaSystem
internal import Glibc

/// Turns a match's recording into the forms in which it is kept, once the match is over, and tells the result where they are.
public struct ReplayPublication: Sendable {
  /// Where the files lie.
  public let files: ReplayFiles
  /// The forms that are kept. Without `mcap` the recording is removed once all others are written.
  public let forms: Set<ReplayFiles.Form>

  /// A publication of `forms`.
  public init(_ files: ReplayFiles, forms: Set<ReplayFiles.Form>) {
    self.files = files
    self.forms = forms
  }

  /// Writes what is missing, and completes `result`: its URLs name what is there, its recording says what could not be written.
  ///
  /// Nothing of it changes the verdict.
  ///
  /// - Parameters:
  ///   - result: the result of the match, whose recording is complete.
  ///   - shouldGoOn: asked now and then; a sentence's end ("because …") where the rest must be left out, nil to go on.
  public func complete(_ result: inout MatchResult, reasonToEnd: () -> String? = { nil }) {
    guard var recording = result.recording, let path = recording.path, access(path, F_OK) == 0 else { return }
    var failures: [String: String] = [:]
    for form in ReplayFiles.Form.allCases where forms.contains(form) {
      do {
        try write(form, from: path, reasonToEnd)
        name(form, in: &result)
      } catch {
        failures[form.rawValue] = "\(error)"
      }
    }
    if !forms.contains(.mcap), failures.isEmpty, unlink(path) == 0 { recording.path = nil }
    recording.exportErrors = failures.isEmpty ? nil : failures
    result.recording = recording
  }

  /// The paths of the files that `result` names, the recording first.
  public func paths(of result: MatchResult) -> [String] {
    ReplayFiles.Form.allCases.filter { self.name($0, in: result) != nil }.map(files.path)
  }

  private func name(_ form: ReplayFiles.Form, in result: MatchResult) -> String? {
    switch form {
    case .mcap: result.replayMCAPURL
    case .json: result.replayURL
    case .html: result.replayHTMLURL
    }
  }

  /// The rest was left out.
  private struct LeftOut: Error, CustomStringConvertible {
    let description: String
  }

  private func write(_ form: ReplayFiles.Form, from path: String, _ reasonToEnd: () -> String?) throws {
    let format: ReplayExportFormat
    switch form {
    case .mcap: return
    case .json: format = .json
    case .html: format = .html
    }
    if let reason = reasonToEnd() { throw LeftOut(description: "left out: \(reason)") }
    var reason: String?
    do {
      try ReplayExport.write(try ReplayReader(path: path), as: format, toFile: files.path(form)) {
        reason = reasonToEnd()
        return reason == nil
      }
    } catch is ReplayExport.CalledOff {
      throw LeftOut(description: "left out: \(reason ?? "it was called off")")
    }
  }

  private func name(_ form: ReplayFiles.Form, in result: inout MatchResult) {
    switch form {
    case .mcap: result.replayMCAPURL = files.name(form)
    case .json: result.replayURL = files.name(form)
    case .html: result.replayHTMLURL = files.name(form)
    }
  }
}

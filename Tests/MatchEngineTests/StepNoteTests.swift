import AgentProtocol
import Testing

@testable import MatchEngine

@Suite struct StepNoteTests {
  /// What is kept of `texts`.
  private func noted(_ texts: [[UInt8]]) -> (text: String, areAllUTF8: Bool) {
    var note = StepNote()
    defer { note.deallocate() }
    var areAllUTF8 = true
    for text in texts { text.withUnsafeBytes { areAllUTF8 = note.append($0) && areAllUTF8 } }
    return (String(decoding: note.bytes, as: UTF8.self), areAllUTF8)
  }

  @Test func notesOfOneStepAreLines() {
    let (text, areAllUTF8) = noted([Array("up – ↑".utf8), [], Array("or down".utf8)])
    #expect(text == "up – ↑\nor down")
    #expect(areAllUTF8)
  }

  @Test func whatIsNotUTF8IsRefusedAndNothingOfItKept() {
    let (text, areAllUTF8) = noted([Array("kept".utf8), [0x61, 0xFF]])
    #expect(text == "kept")
    #expect(!areAllUTF8)
  }

  @Test(arguments: 0...5)
  func whatDoesNotFitIsCutBetweenCharacters(shift: Int) {
    let text = String(repeating: "a", count: shift) + String(repeating: "↑", count: 400)
    let (kept, areAllUTF8) = noted([Array(text.utf8)])
    #expect(areAllUTF8)
    #expect(text.hasPrefix(kept))
    #expect(kept.utf8.count <= ProtocolLimits.noteBytes)
    #expect(kept.utf8.count > ProtocolLimits.noteBytes - 3)
    #expect(kept.last == "↑")
  }

  @Test func afterTheLimitNothingIsAdded() {
    let full = [UInt8](repeating: 0x61, count: ProtocolLimits.noteBytes)
    #expect(noted([full, Array("more".utf8)]).text.utf8.count == ProtocolLimits.noteBytes)
    #expect(noted([Array(full.dropLast()), Array("more".utf8)]).text.utf8.count == ProtocolLimits.noteBytes - 1)
  }

  @Test func aClearedNoteIsEmpty() {
    var note = StepNote()
    defer { note.deallocate() }
    [UInt8(1)].withUnsafeBytes { _ = note.append($0) }
    #expect(!note.isEmpty)
    note.clear()
    #expect(note.isEmpty)
  }
}

import Testing

/// A text to try, of which a test's name shows only the beginning.
struct SampleText: CustomTestStringConvertible, Sendable {
  let text: String

  var testDescription: String {
    text.count <= 40 ? "\"\(text)\"" : "\"\(text.prefix(40))…\", \(text.utf8.count) bytes"
  }
}

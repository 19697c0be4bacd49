internal import Foundation

#if canImport(FoundationXML)
internal import FoundationXML
#endif

/// What a store says in XML: an error, the name of an upload, the parts that are there.
struct StoreDocument: Equatable, Sendable {
  /// One part of a multi-part upload.
  struct Part: Equatable, Sendable {
    var number: Int
    var size: Int
    var entityTag: String
  }

  /// The name of the outermost element; empty where it is no XML.
  private(set) var root = ""
  /// The text of the first element of each name, outside of parts.
  private(set) var values: [String: String] = [:]
  /// The parts that are listed.
  private(set) var parts: [Part] = []

  /// Reads `bytes`. What is no XML, or breaks off, gives what could be read.
  init(_ bytes: [UInt8]) {
    guard !bytes.isEmpty else { return }
    let reader = Reader()
    let parser = XMLParser(data: Data(bytes))
    parser.delegate = reader
    _ = parser.parse()
    self = reader.document
  }

  private init() {}

  private final class Reader: NSObject, XMLParserDelegate {
    var document = StoreDocument()
    private var text = ""
    private var part: [String: String]?

    func parser(
      _ parser: XMLParser,
      didStartElement name: String,
      namespaceURI: String?,
      qualifiedName: String?,
      attributes: [String: String]
    ) {
      if document.root.isEmpty { document.root = name }
      if name == "Part" { part = [:] }
      text = ""
    }

    func parser(_ parser: XMLParser, foundCharacters characters: String) {
      if text.utf8.count < 65536 { text += characters }
    }

    func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
      if name == "Part", let fields = part {
        if let number = fields["PartNumber"].flatMap({ Int($0) }), let size = fields["Size"].flatMap({ Int($0) }) {
          document.parts.append(Part(number: number, size: size, entityTag: fields["ETag"] ?? ""))
        }
        part = nil
      } else if part != nil {
        part?[name] = text
      } else if document.values[name] == nil {
        document.values[name] = text
      }
      text = ""
    }
  }

  /// The body of CompleteMultipartUpload.
  static func completion(_ entityTags: [String]) -> [UInt8] {
    var text = "<CompleteMultipartUpload>"
    for (index, tag) in entityTags.enumerated() {
      text += "<Part><PartNumber>\(index + 1)</PartNumber><ETag>\"\(tag)\"</ETag></Part>"
    }
    return Array((text + "</CompleteMultipartUpload>").utf8)
  }
}

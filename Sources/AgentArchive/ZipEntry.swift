/// One entry of the table of contents, found to agree with the header in front of its data.
struct ZipEntry: Sendable {
  /// How the data is kept (APPNOTE.TXT 4.4.5). Agents need no other.
  enum Method: UInt16, Sendable {
    case stored = 0
    case deflated = 8
  }

  /// The name as it is to be shown.
  let name: String
  /// Components of the path; `isFolder` tells whether the last one is a folder's.
  let components: [String]
  let isFolder: Bool
  let isExecutable: Bool
  let method: Method
  /// CRC-32 of the inflated data.
  let checksum: UInt32
  /// Bytes inflated.
  let size: Int
  /// Where the data as it is kept begins and ends.
  let data: Range<Int>
  /// Everything that belongs to the entry: header, data, and the descriptor behind it if there is one.
  let extent: Range<Int>

  /// Whether the entry is what systems leave beside people's files, and no part of an agent.
  var isPassedOver: Bool {
    components.first == "__MACOSX" || components.contains("__pycache__")
      || components.last == ".DS_Store" || (components.last?.hasPrefix("._") ?? false)
  }
}

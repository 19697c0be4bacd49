/// The places that an archive's entries take, each taken once.
struct EntryTree {
  private enum Place {
    case file
    case folder
  }

  /// By path. Strings are equal if they look the same, however their accents are composed: two such names would be one
  /// on other systems.
  private var places: [String: Place] = [:]
  /// All folders, each after the one it lies in.
  private(set) var folders: [String] = []
  private(set) var files: [ArchiveFile] = []

  /// Takes the places of `entries`, without the first component of each path if `dropsRoot` says so.
  ///
  /// - Throws: `ArchiveError` if two claim one place, or there are more than the limits allow.
  init(_ entries: [ZipEntry], dropsRoot: Bool, _ limits: ArchiveLimits) throws(ArchiveError) {
    for entry in entries {
      let components = dropsRoot ? entry.components.dropFirst() : entry.components[...]
      var path = ""
      for (index, component) in components.enumerated() {
        path += (path.isEmpty ? "" : "/") + component
        let isLast = index == components.count - 1
        guard isLast && !entry.isFolder else {
          try addFolder(path, entry, limits)
          continue
        }
        try addFile(path, entry, limits)
      }
    }
  }

  private mutating func addFolder(_ path: String, _ entry: ZipEntry, _ limits: ArchiveLimits) throws(ArchiveError) {
    switch places[path] {
    case .folder: return
    case .file: throw ArchiveError(.conflict, entry: entry.name, "needs a folder where another entry is a file")
    case nil: break
    }
    guard folders.count < limits.files else {
      throw ArchiveError(.tooLarge, "the archive has more than \(limits.files) folders")
    }
    places[path] = .folder
    folders.append(path)
  }

  private mutating func addFile(_ path: String, _ entry: ZipEntry, _ limits: ArchiveLimits) throws(ArchiveError) {
    switch places[path] {
    case .file: throw ArchiveError(.conflict, entry: entry.name, "is there twice")
    case .folder: throw ArchiveError(.conflict, entry: entry.name, "is a file where another entry needs a folder")
    case nil: break
    }
    guard files.count < limits.files else {
      throw ArchiveError(.tooLarge, "the archive has more than \(limits.files) files")
    }
    places[path] = .file
    files.append(ArchiveFile(path: path, size: entry.size, isExecutable: entry.isExecutable, entry: entry))
  }
}

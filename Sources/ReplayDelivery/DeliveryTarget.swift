public import ArenaCore

/// Where replays are to be kept.
public enum DeliveryTarget: Equatable, Sendable {
  /// A folder, perhaps on another mount.
  case folder(String)
  /// A bucket.
  case store(ObjectStore)

  /// Reads a target as it is written: `s3://bucket/prefix`, `file:///folder` or a folder's path.
  ///
  /// - Throws: `FieldError` about `url`, `endpoint` or `region`.
  public init(
    _ text: String,
    endpoint: String? = nil,
    region: String? = nil,
    addressing: ObjectStore.Addressing? = nil
  ) throws(FieldError) {
    if text.hasPrefix("s3://") {
      self = .store(try ObjectStore(url: text, endpoint: endpoint, region: region, addressing: addressing))
      return
    }
    let scheme = "file://"
    let path = text.hasPrefix(scheme) ? String(text.dropFirst(scheme.count)) : text
    let isURL = path.contains("://") || (text.hasPrefix(scheme) && !path.hasPrefix("/"))
    guard !path.isEmpty, !isURL, !path.utf8.contains(0) else {
      throw FieldError(field: "url", given: "\"\(text)\"", allowed: "s3://BUCKET/PREFIX, file:///FOLDER or a folder")
    }
    self = .folder(path)
  }

  /// How the file `name` is called there, for results and logs.
  public func location(_ name: String) -> String {
    switch self {
    case .store(let store): store.location(name)
    case .folder(let folder): folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
    }
  }
}

import Glibc

/// A path followed link by link, so that the same path can be made to work in another file system.
struct ResolvedPath: Equatable {
  /// One symbolic link on the way: where it stands (its folder free of links) and what it says.
  struct Link: Hashable {
    var path: String
    var target: String
  }

  /// Where the path leads in the end, free of links.
  var real: String
  /// Every link that was followed, in order.
  var links: [Link]

  /// Follows `path`, which must be absolute; nil if it leads nowhere.
  init?(_ path: String) {
    var pending = Array(path.split(separator: "/").map(String.init).reversed())
    var current: [String] = []
    links = []
    while let component = pending.popLast() {
      if component == "." { continue }
      if component == ".." {
        _ = current.popLast()
        continue
      }
      let candidate = "/" + (current + [component]).joined(separator: "/")
      switch Files.kind(candidate, followingLinks: false) {
      case nil: return nil
      case .symbolicLink:
        // 40 is where the kernel gives up too (path_resolution(7)).
        guard links.count < 40, let target = Files.linkTarget(candidate) else { return nil }
        links.append(Link(path: candidate, target: target))
        if target.hasPrefix("/") { current = [] }
        pending += target.split(separator: "/").map(String.init).reversed()
      default: current.append(component)
      }
    }
    real = "/" + current.joined(separator: "/")
  }
}

import Glibc

/// Where on this machine control groups can be made, and for what.
///
/// See cgroups(7), and the kernel's Documentation/admin-guide/cgroup-v1 and cgroup-v2.rst.
struct ControlGroupSupport: Sendable, Equatable {
  /// What a group can limit or count.
  enum Controller: String, Sendable, CaseIterable {
    case memory, pids, cpu, cpuacct
  }

  /// The two generations of the interface.
  enum Version: Sendable {
    case one, two
  }

  /// A folder of a cgroup file system in which groups can be made.
  struct Location: Sendable, Equatable {
    var folder: String
    var version: Version
    var controllers: Set<Controller>
  }

  /// One folder per hierarchy; empty where nothing can be made.
  var locations: [Location]

  /// Whether any group made here has `controller`.
  func has(_ controller: Controller) -> Bool { locations.contains { $0.controllers.contains(controller) } }

  /// No control groups at all.
  static let nothing = ControlGroupSupport(locations: [])

  /// Tries what works here, by making a group and removing it again.
  static func detect() -> ControlGroupSupport {
    guard let mounts = Files.read("/proc/self/mountinfo"), let groups = Files.read("/proc/self/cgroup") else {
      return nothing
    }
    var locations: [Location] = []
    var found: Set<Controller> = []
    for candidates in candidates(mounts: mounts, groups: groups) {
      for candidate in candidates {
        var usable = usable(candidate)
        usable.controllers.subtract(found)
        if !usable.controllers.isEmpty {
          found.formUnion(usable.controllers)
          locations.append(usable)
          break
        }
        // Whoever limits this group means what runs in it, agents included: do not climb out.
        if let limit = Files.read("\(candidate.folder)/memory.max"), limit != "max\n" { break }
      }
    }
    return ControlGroupSupport(locations: locations)
  }

  /// Folders to try, per hierarchy in order of preference, from the text of `/proc/self/mountinfo` and `/proc/self/cgroup`.
  static func candidates(mounts: String, groups: String) -> [[Location]] {
    var own: [String: String] = [:]  // by controller; "" is version two
    for line in groups.split(separator: "\n") {
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
      guard fields.count == 3 else { continue }
      for controller in fields[1].split(separator: ",", omittingEmptySubsequences: false) {
        own[String(controller)] = fields[2]
      }
    }
    var result: [[Location]] = []
    for line in mounts.split(separator: "\n") {
      // 36 35 98:0 /root /mount options … - type source superoptions, see proc(5).
      let halves = line.split(separator: " - ", maxSplits: 1)
      guard halves.count == 2 else { continue }
      let left = halves[0].split(separator: " ").map(String.init)
      let right = halves[1].split(separator: " ").map(String.init)
      guard left.count >= 5, right.count >= 3 else { continue }
      let (root, mount) = (left[3], left[4])
      func folder(_ path: String) -> String {
        let inside = root == "/" ? path : path.hasPrefix(root) ? String(path.dropFirst(root.count)) : "/"
        return inside == "/" || inside.isEmpty ? mount : mount + (inside.hasPrefix("/") ? inside : "/" + inside)
      }
      if right[0] == "cgroup" {
        let controllers = right[2].split(separator: ",").compactMap { Controller(rawValue: String($0)) }
        guard let first = controllers.first, let path = own[first.rawValue] else { continue }
        result.append([Location(folder: folder(path), version: .one, controllers: Set(controllers))])
      } else if right[0] == "cgroup2", let path = own[""] {
        // A group with processes in it cannot hand controllers down, so its parents are where ours can stand.
        var steps = folder(path)
        var locations: [Location] = []
        while true {
          locations.append(Location(folder: steps, version: .two, controllers: [.memory, .pids, .cpu]))
          guard steps != mount, let slash = steps.lastIndex(of: "/") else { break }
          steps = String(steps[..<slash])
        }
        result.append(locations)
      }
    }
    return result
  }

  /// `candidate` with the controllers that a group made there really has.
  private static func usable(_ candidate: Location) -> Location {
    var result = candidate
    result.controllers = []
    // Moving a process takes the right to write the file of the closest group both places share.
    guard access("\(candidate.folder)/cgroup.procs", W_OK) == 0,
      let probe = ControlGroup.makeFolder(in: candidate.folder)
    else { return result }
    for controller in candidate.controllers {
      let file =
        switch (candidate.version, controller) {
        case (.one, .memory): "memory.limit_in_bytes"
        case (.two, .memory): "memory.max"
        case (_, .pids): "pids.max"
        case (.one, .cpu): "cpu.cfs_quota_us"
        case (.two, .cpu): "cpu.max"
        case (_, .cpuacct): "cpuacct.usage"
        }
      if access("\(probe.path)/\(file)", candidate.version == .one && controller == .cpuacct ? R_OK : W_OK) == 0 {
        result.controllers.insert(controller)
      }
    }
    rmdir(probe.path)
    close(probe.lock)
    return result
  }
}

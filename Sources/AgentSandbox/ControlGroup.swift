import CLinux
import Glibc

/// The control groups of one agent, one per hierarchy: its limits and what it used.
final class ControlGroup: Sendable {
  private struct Member: Sendable {
    var location: ControlGroupSupport.Location
    var path: String
    var lock: Int32
  }

  private static let prefix = "rl-arena-"
  private let members: [Member]

  /// Makes the groups and sets their limits.
  init(_ support: ControlGroupSupport, _ limits: SandboxLimits) throws(SandboxError) {
    var members: [Member] = []
    do throws(SandboxError) {
      for location in support.locations {
        guard let made = Self.makeFolder(in: location.folder) else {
          throw SandboxError("cannot create a control group in \(location.folder)")
        }
        members.append(Member(location: location, path: made.path, lock: made.lock))
        try Self.limit(made.path, location, limits)
      }
    } catch {
      for member in members {
        rmdir(member.path)
        close(member.lock)
      }
      throw error
    }
    self.members = members
  }

  deinit { for member in members { close(member.lock) } }

  /// The files a process writes 0 to in order to join.
  var joinFiles: [String] { members.map { "\($0.path)/cgroup.procs" } }

  /// A new group in `folder`, locked for as long as its descriptor is open.
  static func makeFolder(in folder: String) -> (path: String, lock: Int32)? {
    for _ in 0..<3 {
      var template = Array("\(folder)/\(prefix)XXXXXX".utf8CString)
      guard mkdtemp(&template) != nil else { return nil }
      let path = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
      let lock = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      // Somebody who clears away abandoned groups may have come between the two calls: then take another.
      if lock >= 0, flock(lock, LOCK_EX | LOCK_NB) == 0, Files.kind(path) == .directory { return (path, lock) }
      if lock >= 0 { close(lock) }
      rmdir(path)
    }
    return nil
  }

  /// Ends and removes groups that processes left behind which were killed.
  static func removeAbandoned(_ support: ControlGroupSupport) {
    for location in support.locations {
      for name in Files.entries(location.folder) ?? [] where name.hasPrefix(prefix) {
        let path = "\(location.folder)/\(name)"
        let lock = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard lock >= 0 else { continue }
        if flock(lock, LOCK_EX | LOCK_NB) == 0 { _ = remove(path, patience: .milliseconds(200)) }
        close(lock)
      }
    }
  }

  private static func limit(
    _ path: String,
    _ location: ControlGroupSupport.Location,
    _ limits: SandboxLimits
  ) throws(SandboxError) {
    let has = location.controllers.contains
    if has(.memory) {
      switch location.version {
      case .one:
        try Files.write("\(limits.memoryBytes)", to: "\(path)/memory.limit_in_bytes")
        // Not every kernel accounts swap.
        try? Files.write("\(limits.memoryBytes)", to: "\(path)/memory.memsw.limit_in_bytes")
      case .two:
        try Files.write("\(limits.memoryBytes)", to: "\(path)/memory.max")
        try? Files.write("0", to: "\(path)/memory.swap.max")
        try? Files.write("1", to: "\(path)/memory.oom.group")
      }
    }
    // bubblewrap's two processes, and while it starts a third, are not the agent's.
    if has(.pids) { try Files.write("\(limits.maxProcesses + 3)", to: "\(path)/pids.max") }
    if has(.cpu), limits.cpuCount < Double(sysconf(Int32(_SC_NPROCESSORS_ONLN))) {
      let period = 100_000
      let quota = max(1000, Int(limits.cpuCount * Double(period)))
      switch location.version {
      case .one:
        try Files.write("\(period)", to: "\(path)/cpu.cfs_period_us")
        try Files.write("\(quota)", to: "\(path)/cpu.cfs_quota_us")
      case .two: try Files.write("\(quota) \(period)", to: "\(path)/cpu.max")
      }
    }
  }

  /// How many of its processes the kernel killed for want of memory.
  var outOfMemoryKills: Int {
    counter(.memory, one: "memory.oom_control", two: "memory.events", key: "oom_kill") ?? 0
  }

  /// The most memory in use at once, in bytes.
  var peakMemoryBytes: Int? {
    counter(.memory, one: "memory.max_usage_in_bytes", two: "memory.peak", key: nil)
  }

  /// Processor time used so far.
  var cpuTime: Duration? {
    if let nanoseconds = counter(.cpuacct, one: "cpuacct.usage", two: nil, key: nil) {
      return .nanoseconds(nanoseconds)
    }
    return counter(.cpu, one: nil, two: "cpu.stat", key: "usage_usec").map { .microseconds($0) }
  }

  private func counter(
    _ controller: ControlGroupSupport.Controller,
    one: String?,
    two: String?,
    key: String?
  ) -> Int? {
    guard let member = members.first(where: { $0.location.controllers.contains(controller) }),
      let file = member.location.version == .one ? one : two,
      let text = Files.read("\(member.path)/\(file)")
    else { return nil }
    for line in text.split(separator: "\n") {
      let fields = line.split(separator: " ")
      if let key {
        if fields.count == 2, fields[0] == key { return Int(fields[1]) }
      } else if fields.count == 1 {
        return Int(fields[0])
      }
    }
    return nil
  }

  /// Kills everything in the groups; what forks meanwhile is caught by `remove`.
  func kill() {
    for member in members { Self.killAll(member.path) }
  }

  /// Kills what is left in the groups and removes them, waiting up to `patience` for the kernel to let go.
  ///
  /// - Returns: Whether all of them are gone.
  func remove(patience: Duration) -> Bool {
    members.reduce(true) { Self.remove($1.path, patience: patience) && $0 }
  }

  private static func processes(_ path: String) -> [pid_t] {
    (Files.read("\(path)/cgroup.procs") ?? "").split(separator: "\n").compactMap { pid_t($0) }
  }

  private static func killAll(_ path: String) {
    // With no process allowed any more, a fork bomb cannot outrun us.
    try? Files.write("0", to: "\(path)/pids.max")
    do {
      try Files.write("1", to: "\(path)/cgroup.kill")  // version two, from Linux 5.14 on
    } catch {
      // 0 stands for a process that this PID namespace cannot see.
      for process in processes(path) where process > 0 { Glibc.kill(process, SIGKILL) }
    }
  }

  private static func remove(_ path: String, patience: Duration) -> Bool {
    let deadline = ContinuousClock.now + patience
    while rmdir(path) != 0 {
      guard errno == EBUSY else { return errno == ENOENT }
      guard ContinuousClock.now < deadline else { return false }
      killAll(path)
      var waited = false
      for process in processes(path) where process > 0 {
        let descriptor = rl_arena_pidfd_open(process)
        guard descriptor >= 0 else { continue }
        var event = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let left = max(Int64(1), (deadline - ContinuousClock.now).components.seconds * 1000 + 1)
        poll(&event, 1, Int32(min(left, 1000)))
        close(descriptor)
        waited = true
      }
      // Nobody is listed, yet the kernel holds on: it is still taking the last one down.
      if !waited { poll(nil, 0, 1) }
    }
    return true
  }
}

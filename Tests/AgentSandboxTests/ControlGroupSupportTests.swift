import Testing

@testable import AgentSandbox

@Suite struct ControlGroupSupportTests {
  @Test func versionOneHasOneFolderPerHierarchy() {
    let mounts = """
      32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct
      35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
      36 31 0:33 / /sys/fs/cgroup/devices rw,relatime - cgroup cgroup rw,devices
      """
    let groups = "4:memory:/user/one\n2:cpu,cpuacct:/\n1:devices:/\n"
    #expect(
      ControlGroupSupport.candidates(mounts: mounts, groups: groups) == [
        [.init(folder: "/sys/fs/cgroup/cpu,cpuacct", version: .one, controllers: [.cpu, .cpuacct])],
        [.init(folder: "/sys/fs/cgroup/memory/user/one", version: .one, controllers: [.memory])],
      ]
    )
  }

  @Test func versionTwoTriesTheParentsToo() {
    let mounts = "30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate"
    let groups = "0::/user.slice/user-1000.slice\n"
    let folders = ControlGroupSupport.candidates(mounts: mounts, groups: groups).first?.map(\.folder)
    #expect(
      folders == ["/sys/fs/cgroup/user.slice/user-1000.slice", "/sys/fs/cgroup/user.slice", "/sys/fs/cgroup"]
    )
  }

  @Test func aMountOfASubtreeIsSeenFromItsRoot() {
    let mounts = "30 23 0:26 /docker/abc /sys/fs/cgroup ro - cgroup2 cgroup rw"
    let folders = ControlGroupSupport.candidates(mounts: mounts, groups: "0::/docker/abc/inner\n").first?.map(\.folder)
    #expect(folders == ["/sys/fs/cgroup/inner", "/sys/fs/cgroup"])
  }
}

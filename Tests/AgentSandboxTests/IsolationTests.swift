import AgentSandbox
import Foundation
import Testing

/// What an agent sees and can do under bubblewrap, told by agents that try.
@Suite struct IsolationTests {
  @Test func anAgentIsNobodyWithoutAnyCapability() async throws {
    let seen = try await Fixture().probe(
      """
      import json, os
      status = dict(line.split(":", 1) for line in open("/proc/self/status").read().splitlines())
      caps = [int(status[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")]
      print(json.dumps({"uid": os.getuid(), "gid": os.getgid(), "caps": caps, "pid": os.getpid(),
                        "nnp": int(status["NoNewPrivs"]), "session": os.getsid(0) != 0,
                        "one": open("/proc/1/comm").read().strip(),
                        "pids": sum(name.isdigit() for name in os.listdir("/proc"))}))
      """
    )
    #expect(seen["uid"] as? Int == 1000)
    #expect(seen["gid"] as? Int == 1000)
    #expect(seen["caps"] as? [Int] == [0, 0, 0, 0, 0])
    #expect(seen["nnp"] as? Int == 1)
    #expect((seen["pid"] as? Int ?? 0) > 1)
    #expect(seen["one"] as? String == "bwrap")
    #expect(seen["pids"] as? Int == 2)
  }

  @Test func anAgentCannotMakeItselfMorePowerful() async throws {
    let seen = try await Fixture().probe(
      """
      import ctypes, json
      libc = ctypes.CDLL(None, use_errno=True)
      MS_REMOUNT, MS_BIND, CLONE_NEWUSER, CLONE_NEWNS = 32, 4096, 0x10000000, 0x20000
      print(json.dumps({
          "remount": libc.mount(b"none", b"/usr", None, MS_REMOUNT | MS_BIND, None),
          "root": libc.mount(b"none", b"/", None, MS_REMOUNT | MS_BIND, None),
          "umount": libc.umount2(b"/dev/null", 2),
          "user": libc.unshare(CLONE_NEWUSER), "mount": libc.unshare(CLONE_NEWNS),
          "setuid": libc.setuid(0)}))
      """
    )
    for (attempt, result) in seen { #expect(result as? Int == -1, "\(attempt)") }
  }

  @Test func thereIsNoNetwork() async throws {
    let seen = try await Fixture().probe(
      """
      import json, socket
      def attempt(address):
          try:
              socket.create_connection(address, timeout=5)
              return "connected"
          except OSError as error:
              return type(error).__name__
      print(json.dumps({"names": [name for _, name in socket.if_nameindex()], "out": attempt(("1.1.1.1", 53))}))
      """
    )
    #expect(seen["names"] as? [String] == ["lo"])
    #expect(seen["out"] as? String != "connected")
  }

  @Test func theEnvironmentIsTheAllowedOne() async throws {
    setenv("RL_ARENA_TEST_SECRET", "leaked", 1)
    let seen = try await Fixture().probe("import json, os; print(json.dumps(dict(os.environ)))")
    var names = Set(seen.allKeys.compactMap { $0 as? String })
    names.remove("RL_ARENA_PROCESS_LIMIT")  // only where the agent host has to hold the limit
    names.remove("LC_CTYPE")  // which some Pythons set themselves (PEP 538)
    #expect(
      names == [
        "PATH", "HOME", "LANG", "PWD", "RL_ARENA_SOCKET", "RL_ARENA_STARTUP_TIMEOUT", "RL_ARENA_CPU_LIMIT",
        "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS",
        "NUMEXPR_NUM_THREADS", "VECLIB_MAXIMUM_THREADS",
      ]
    )
    #expect(seen["HOME"] as? String == "/tmp")
    #expect(seen["RL_ARENA_STARTUP_TIMEOUT"] as? String == "60.0")
  }

  @Test func anAgentSeesItsOwnFilesOnly() async throws {
    let fixture = try await Fixture()
    let other = AgentProgram.python(path: try fixture.agent("secret = 1", in: "other"))
    _ = try Listener(path: fixture.seats.socketPath(seat: 1))
    let seen = try await fixture.probe(
      """
      import json, os
      found = []
      for folder, names, files in os.walk("/"):
          if folder == "/":
              names[:] = [name for name in names if name not in ("proc", "usr", "root", "home", "sys")]
          found += [os.path.join(folder, name) for name in files]
      print(json.dumps({
          "root": sorted(os.listdir("/")), "agent": os.listdir("/agent"), "cwd": os.getcwd(),
          "here": os.path.exists(\(quoted(fixture.folder))), "tmp": os.listdir("/tmp"),
          "sockets": [path for path in found if path.endswith(".sock")],
          "open": sorted(os.listdir("/proc/self/fd"))[:3], "count": len(os.listdir("/proc/self/fd")),
          "etc": sorted(os.listdir("/etc")), "homes": [p for p in ("/home", "/sys", "/var", "/run", "/mnt") if os.path.exists(p)],
          "init": open("/proc/1/cmdline").read()}))
      """,
      others: [other]
    )
    #expect(seen["agent"] as? [String] == ["agent.py"])
    #expect(seen["cwd"] as? String == "/agent")
    #expect(seen["here"] as? Bool == false)
    #expect(seen["sockets"] as? [String] == [])
    #expect(seen["count"] as? Int == 4, "0, 1, 2 and the one that lists them")
    #expect(seen["homes"] as? [String] == [])
    let etc: Set = [
      "alternatives", "group", "hosts", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "nsswitch.conf",
      "passwd",
    ]
    #expect(Set(seen["etc"] as? [String] ?? ["?"]).isSubset(of: etc))
    #expect((seen["init"] as? String)?.contains(fixture.folder) == false, "the command line shows where others lie")
  }

  @Test func whatIsLeftOfAHomeIsTheInterpreterAlone() async throws {
    let fixture = try await Fixture()
    let seen = try await fixture.probe(
      """
      import json, os, sys
      prefix = os.path.realpath(sys.base_prefix)
      strangers = []
      for home in ("/root", "/home"):
          for folder, names, files in os.walk(home):
              if folder == prefix:
                  names[:] = []
                  continue
              strangers += [os.path.join(folder, name) for name in files]
      print(json.dumps({"strangers": strangers}))
      """
    )
    #expect(seen["strangers"] as? [String] == [])
  }

  @Test func onlyTmpCanBeWrittenTo() async throws {
    let fixture = try await Fixture(limits: SandboxLimits(memoryBytes: 256 << 20, tmpBytes: 1 << 20))
    let before = try FileManager.default.attributesOfItem(atPath: "/dev/null")[.posixPermissions] as? Int
    let seen = try await fixture.probe(
      """
      import json, os, sys
      def attempt(path, data=b"x"):
          try:
              with open(path, "wb") as file:
                  file.write(data)
              return "written"
          except OSError as error:
              return error.strerror
      result = {path: attempt(path) for path in (
          "/x", "/agent/x", "/agent/agent.py", "/etc/passwd", "/usr/x", "/dev/x", "/rl-arena/x",
          "/rl-arena/socket/x", "/rl-arena/host/rl_arena_agent.py", "/proc/sys/kernel/core_pattern",
          "/proc/sysrq-trigger", os.path.join(sys.base_prefix, "x"))}
      os.chmod("/dev/null", 0o600) if os.stat("/dev/null").st_uid == os.getuid() else None
      os.chmod("/dev/null", 0o666) if os.stat("/dev/null").st_uid == os.getuid() else None
      good = {"/tmp/x": attempt("/tmp/x"), "/dev/shm/x": attempt("/dev/shm/x"), "/dev/null": attempt("/dev/null")}
      full = attempt("/tmp/big", b"x" * (2 << 20))
      print(json.dumps({"bad": result, "good": good, "full": full}))
      """
    )
    for (path, result) in seen["bad"] as? [String: String] ?? [:] { #expect(result != "written", "\(path)") }
    for (path, result) in seen["good"] as? [String: String] ?? [:] { #expect(result == "written", "\(path)") }
    #expect(seen["full"] as? String == "No space left on device")
    let after = try FileManager.default.attributesOfItem(atPath: "/dev/null")[.posixPermissions] as? Int
    #expect(before == after)
  }

  @Test(.enabled(if: geteuid() == 0, "only root's agents own device nodes"))
  func rootsAgentsHaveDeviceNodesOfTheirOwn() async throws {
    let fixture = try await Fixture()
    let seen = try await fixture.probe(
      """
      import json, os
      os.chmod("/dev/null", 0o640)
      print(json.dumps({"mode": os.stat("/dev/null").st_mode & 0o777}))
      """
    )
    #expect(seen["mode"] as? Int == 0o640)
    var status = stat()
    #expect(stat("/dev/null", &status) == 0 && status.st_mode & 0o777 == 0o666)
  }

  @Test func aSingleFileIsAllThatIsSeenOfItsFolder() async throws {
    let fixture = try await Fixture()
    let folder = try fixture.agent("import os; print(os.listdir('/agent'))")
    try "opponent = 1".write(toFile: "\(folder)/opponent.py", atomically: true, encoding: .utf8)
    let agent = try await fixture.start(.python(path: "\(folder)/agent.py"))
    let report = await agent.waitUntilEnd()
    #expect(report.exitStatus == 0)
    #expect(try String(contentsOfFile: agent.standardOutputLog, encoding: .utf8) == "['agent.py']\n")
  }

  @Test func anotherAgentInsideTheFolderIsCovered() async throws {
    let fixture = try await Fixture()
    let own = try fixture.agent(
      "import os; print(sorted(os.listdir('/agent')), os.listdir('/agent/inner'))",
      in: "outer"
    )
    let inner = try fixture.agent("secret = 1", in: "outer/inner")
    let agent = try await fixture.start(.python(path: own), others: [.python(path: inner)])
    let report = await agent.waitUntilEnd()
    #expect(report.exitStatus == 0, "\(report)")
    #expect(try String(contentsOfFile: agent.standardOutputLog, encoding: .utf8) == "['agent.py', 'inner'] []\n")
  }

  @Test func theSocketIsReachedThroughItsReadOnlyFolder() async throws {
    let fixture = try await Fixture()
    let listener = try Listener(path: fixture.seats.socketPath(seat: 0))
    let path = try fixture.agent(
      """
      import os, socket
      connection = socket.socket(socket.AF_UNIX)
      connection.connect(os.environ["RL_ARENA_SOCKET"])
      connection.send(b"!")
      """
    )
    let agent = try await fixture.start(.python(path: path))
    let connection = try await listener.accept()
    #expect(try await connection.byte() == UInt8(ascii: "!"))
    #expect(try await connection.byte() == nil)
    #expect(await agent.waitUntilEnd().exitStatus == 0)
  }

  @Test func aProgramRunsFromItsOwnFolder() async throws {
    let fixture = try await Fixture()
    let folder = try fixture.agent("")
    try "#!/bin/sh\npwd; echo $0; ls\n".write(toFile: "\(folder)/player", atomically: true, encoding: .utf8)
    chmod("\(folder)/player", 0o755)
    let agent = try await fixture.start(.executable(path: "\(folder)/player"))
    #expect(await agent.waitUntilEnd().exitStatus == 0)
    let output = try String(contentsOfFile: agent.standardOutputLog, encoding: .utf8)
    #expect(output == "/agent\n/agent/player\nagent.py\nplayer\n")
    // Beside another seat's program only the file itself is shown.
    try "#!/bin/sh\n".write(toFile: "\(folder)/opponent", atomically: true, encoding: .utf8)
    chmod("\(folder)/opponent", 0o755)
    let second = try await fixture.start(
      .executable(path: "\(folder)/player"),
      others: [.executable(path: "\(folder)/opponent")]
    )
    #expect(await second.waitUntilEnd().exitStatus == 0)
    #expect(try String(contentsOfFile: second.standardOutputLog, encoding: .utf8) == "/agent\n/agent/player\nplayer\n")
  }

  private func quoted(_ text: String) -> String { "\"\(text)\"" }
}

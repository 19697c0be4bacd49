import Foundation
import Testing

@testable import AgentSandbox

@Suite struct CleanupTests {
  @Test func afterTheEndNeitherFolderNorControlGroupIsLeft() async throws {
    let fixture = try await Fixture()
    let agent = try await fixture.start(.python(path: try fixture.agent("import signal; signal.pause()")))
    let joined = agent.group?.joinFiles ?? []
    #expect(joined.count == fixture.sandbox.controlGroups.locations.count)
    // The process exists when `start` returns; joining its groups is the first thing that it does.
    let deadline = ContinuousClock.now + .seconds(10)
    for file in joined {
      while Files.read(file)?.isEmpty == true, ContinuousClock.now < deadline { await Task.yield() }
      #expect(Files.read(file)?.isEmpty == false)
    }
    #expect(Files.kind(agent.scratch.path) == .directory)
    agent.kill()
    _ = await agent.waitUntilEnd()
    for file in joined { #expect(Files.kind(file) == nil) }
    #expect(Files.kind(agent.scratch.path) == nil)
    let socket = fixture.seats.socketPath(seat: 0)
    fixture.seats.remove()
    #expect(Files.kind(String(socket.dropLast("/seat-0/agent.sock".count))) == nil)
  }

  @Test func abandonedFoldersGoAndThoseInUseStay() throws {
    let kept = try RuntimeFolder()
    let abandoned = kept.path.dropLast(6) + "ABANDO"
    try Files.makeDirectories("\(abandoned)/seat-0")
    try Files.write("x", to: "\(abandoned)/seat-0/file", create: true)
    RuntimeFolder.removeAbandoned()
    #expect(Files.kind(String(abandoned)) == nil)
    #expect(Files.kind(kept.path) == .directory)
    kept.remove()
    #expect(Files.kind(kept.path) == nil)
  }

  @Test func abandonedControlGroupsGo() throws {
    let support = ControlGroupSupport.detect()
    for location in support.locations {
      let path = "\(location.folder)/rl-arena-ABANDO"
      #expect(mkdir(path, 0o755) == 0)
    }
    ControlGroup.removeAbandoned(support)
    for location in support.locations { #expect(Files.kind("\(location.folder)/rl-arena-ABANDO") == nil) }
  }

  @Test func socketPathsFitIntoAnAddress() throws {
    let seats = try SeatFolders(seatCount: 12)
    #expect(seats.socketPath(seat: 11).utf8.count < 100)
    var status = stat()
    let folder = String(seats.socketPath(seat: 11).dropLast("/agent.sock".count))
    #expect(stat(folder, &status) == 0 && status.st_mode & 0o777 == 0o700)
  }
}

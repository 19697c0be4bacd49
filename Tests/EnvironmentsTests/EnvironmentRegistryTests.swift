import ArenaCore
import Environments
import Testing

/// Which names find which game.
@Suite struct EnvironmentRegistryTests {
  @Test(arguments: [
    "pong", "Pong", "PONG", "pong-v0", "Pong-v0", "pong_v0", "PONG-V0", "rl-arena/Pong-v0", "rl-arena/pong",
    "rl_arena/Pong", "rl_arena:pong", "rl-arena:pong", "RL-Arena/Pong-v0", "rl_arena:Pong-v0",
  ])
  func `pong has many names`(name: String) throws {
    #expect(try EnvironmentRegistry.standard.make(name).spec.name == "pong")
    #expect(EnvironmentRegistry.standard.entry(named: name)?.name == "pong")
  }

  @Test(arguments: [
    "", "-v0", "rl_arena:", "chess", "pong-v1", "pong v0", " pong", "pettingzoo:pong", "rl_arena:rl_arena:pong",
    "pong-v0-v0", "pong\u{0}", "ＰＯＮＧ",
  ])
  func `other names are refused with the known ones`(name: String) {
    #expect(EnvironmentRegistry.standard.entry(named: name) == nil)
    let error = #expect(throws: FieldError.self) { try EnvironmentRegistry.standard.make(name) }
    #expect(error?.field == "environment")
    #expect(error?.allowed.hasPrefix("pong") == true)
  }

  @Test func `the message names what was meant`() {
    func message(_ name: String) -> String? {
      #expect(throws: FieldError.self) { try EnvironmentRegistry.standard.make(name) }?.description
    }
    #expect(message("pnog") == "environment is \"pnog\"; it must be pong (did you mean pong?)")
    #expect(message("rl-arena/Pnog-v0") == "environment is \"rl-arena/Pnog-v0\"; it must be pong (did you mean pong?)")
    #expect(message("checkers") == "environment is \"checkers\"; it must be pong")
    #expect(message("") == "environment is empty; it must be pong")
    #expect((message(String(repeating: "x", count: 100_000))?.count ?? .max) < 200)
  }

  @Test func `every game is found by all its names and says what it is`() throws {
    for entry in EnvironmentRegistry.standard.entries {
      let spec = try entry.make([:]).spec
      #expect(spec.name == entry.name)
      #expect(spec.summary == entry.summary)
      for name in [entry.name] + entry.aliases {
        #expect(EnvironmentRegistry.standard.entry(named: name)?.name == entry.name)
      }
    }
  }

  @Test func `games can be added`() throws {
    let other = EnvironmentRegistry.Entry(name: "connect_four", aliases: ["four-in-a-row"], summary: "Four in a row.") {
      (configuration) throws(FieldError) in try Pong(configuration: configuration)
    }
    let registry = EnvironmentRegistry(EnvironmentRegistry.standard.entries + [other])
    #expect(registry.entry(named: "Connect-Four-v0")?.name == "connect_four")
    #expect(registry.entry(named: "four_in_a_row")?.name == "connect_four")
    let error = #expect(throws: FieldError.self) { try registry.make("conect4") }
    #expect(error?.description == "environment is \"conect4\"; it must be one of pong, connect_four")
    let close = #expect(throws: FieldError.self) { try registry.make("connectfour") }
    #expect(close?.allowed == "one of pong, connect_four (did you mean connect_four?)")
  }

  @Test func `a configuration's mistakes come through`() {
    let error = #expect(throws: FieldError.self) {
      try EnvironmentRegistry.standard.make("pong", configuration: ["speed": .integer(1)])
    }
    #expect(error?.field == "environment_config.speed")
  }
}

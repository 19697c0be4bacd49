import ArenaCore
import Environments
import Testing

@testable import MatchExecutor

@Suite struct RequestReaderTests {
  private let reader = RequestReader(registry: .standard, defaults: MatchDefaults())

  private func request(_ change: (inout Executor_MatchRequest) -> Void = { _ in }) -> Executor_MatchRequest {
    var request = Executor_MatchRequest()
    request.matchID = "match_123"
    request.environment = "pong"
    request.agents = ["agent1", "agent2"].map { name in
      var agent = Executor_AgentData()
      agent.agentID = name
      agent.dockerImage = "myregistry/\(name):v1.0"
      return agent
    }
    change(&request)
    return request
  }

  /// The fields that are refused.
  private func refused(_ change: (inout Executor_MatchRequest) -> Void) -> [String] {
    do {
      _ = try reader.read(request(change))
      return []
    } catch MatchRefusal.invalid(let errors) {
      return errors.map(\.field)
    } catch {
      Issue.record("\(error)")
      return []
    }
  }

  @Test func whatThePublishedBackendSendsIsComplete() throws {
    let match = try reader.read(
      request {
        $0.timeoutSec = 300
        $0.recordReplay = true
        $0.agents[0].version = "1.0"
        $0.agents[0].metadata = ["user_id": "user_123"]
      }
    )
    #expect(match.spec.matchID == "match_123")
    #expect(match.spec.limits.matchTimeout == .seconds(300))
    #expect(match.spec.recordReplay)
    #expect(match.spec.agents[0].metadata == ["user_id": "user_123"])
    #expect(match.spec.agents[0].image == "myregistry/agent1:v1.0")
    #expect(match.spec.seed == nil && match.spec.games == 1 && match.priority == 0)
    #expect(match.sources.map(\.image?.description) == ["myregistry/agent1:v1.0", "myregistry/agent2:v1.0"])
  }

  @Test func whatIsLeftOutIsAsConfigured() throws {
    var defaults = MatchDefaults()
    defaults.limits.matchTimeout = .seconds(77)
    defaults.limits.stepTimeout = .seconds(3)
    defaults.policy.maxFaults = 4
    let match = try RequestReader(registry: .standard, defaults: defaults).read(request())
    #expect(match.spec.limits == defaults.limits)
    #expect(match.spec.policy == defaults.policy)
  }

  @Test func additionsAreRead() throws {
    let match = try reader.read(
      request {
        $0.seed = .max
        $0.games = 5
        $0.stepTimeoutSec = 0.5
        $0.timeBankSec = 10
        $0.startupTimeoutSec = 20
        $0.maxFaults = 0
        $0.priority = -7
        $0.environmentConfig = ["max_steps": "50", "ball_speed": "0.03"]
        $0.resources.cpu = 1.5
        $0.resources.memoryBytes = 1 << 30
        $0.resources.gpu = 1
      }
    )
    #expect(match.spec.seed == .max && match.spec.games == 5)
    #expect(match.spec.limits.stepTimeout == .milliseconds(500))
    #expect(match.spec.limits.timeBank == .seconds(10))
    #expect(match.spec.limits.startupTimeout == .seconds(20))
    #expect(match.spec.policy.maxFaults == 0)
    #expect(match.priority == -7)
    #expect(match.spec.environmentConfiguration == ["max_steps": .integer(50), "ball_speed": .number(0.03)])
    #expect(match.resources == RequestedResources(cpuCount: 1.5, memoryBytes: 1 << 30, gpus: 1))
  }

  @Test(arguments: [
    "", String(repeating: "m", count: 300), "../../x", "a/b", ".hidden", "a b", "ä", "a\u{0}b", "match\n",
  ])
  func badMatchIDs(_ id: String) { #expect(refused { $0.matchID = id } == ["match_id"]) }

  @Test func badNumbersNameTheirField() {
    #expect(refused { $0.timeoutSec = 31_536_000 } == ["timeout_sec"])
    #expect(refused { $0.games = 1001 } == ["games"])
    for value in [0, -1, .nan, .infinity, 86_401] as [Double] {
      #expect(refused { $0.stepTimeoutSec = value } == ["step_timeout_sec"])
      #expect(refused { $0.startupTimeoutSec = value } == ["startup_timeout_sec"])
    }
    for value in [-0.001, .nan, .infinity, 86_401] as [Double] {
      #expect(refused { $0.timeBankSec = value } == ["time_bank_sec"])
    }
    for value in [0, -1, .nan, 1025] as [Double] { #expect(refused { $0.resources.cpu = value } == ["resources.cpu"]) }
    for value in [0, 1 << 20, .max] as [UInt64] {
      #expect(refused { $0.resources.memoryBytes = value } == ["resources.memory_bytes"])
    }
    #expect(refused { $0.resources.gpu = 65 } == ["resources.gpu"])
    #expect(refused { $0.maxFaults = .max } == ["max_faults"])
  }

  @Test func badAgentsNameTheirField() {
    #expect(refused { $0.agents = [] } == ["agents"])
    #expect(refused { $0.agents.removeLast() } == ["agents"])
    #expect(
      refused {
        $0.agents.append($0.agents[0])
        $0.agents[2].agentID = "agent3"
      } == ["agents"]
    )
    #expect(refused { $0.agents[1].agentID = "agent1" } == ["agents[1].agent_id"])
    #expect(refused { $0.agents[0].agentID = "" } == ["agents[0].agent_id"])
    #expect(refused { $0.agents[0].agentID = String(repeating: "a", count: 257) } == ["agents[0].agent_id"])
    #expect(refused { $0.agents[1].dockerImage = "" } == ["agents[1].docker_image"])
    #expect(refused { $0.agents[1].version = String(repeating: "1", count: 257) } == ["agents[1].version"])
    #expect(refused { $0.agents[1].metadata["x"] = String(repeating: "1", count: 1 << 20) } == ["agents[1].metadata"])
    #expect(
      refused { request in for index in 0..<65 { request.agents[0].metadata["\(index)"] = "" } } == [
        "agents[0].metadata"
      ]
    )
  }

  @Test func badEnvironmentsNameTheirField() {
    #expect(refused { $0.environment = "" } == ["environment"])
    #expect(refused { $0.environment = "pongg" } == ["environment"])
    #expect(refused { $0.environmentConfig["nonsense"] = "1" } == ["environment_config.nonsense"])
    #expect(refused { $0.environmentConfig["max_steps"] = "many" } == ["environment_config.max_steps"])
    #expect(
      refused { $0.environmentConfig["max_steps"] = String(repeating: "1", count: 5000) } == [
        "environment_config.max_steps"
      ]
    )
    #expect(
      refused { request in for index in 0..<101 { request.environmentConfig["\(index)"] = "1" } } == [
        "environment_config"
      ]
    )
  }

  @Test func allThatIsWrongIsSaidAtOnce() {
    let fields = refused {
      $0.matchID = ""
      $0.environment = "chess"
      $0.timeoutSec = .max
      $0.agents[0].dockerImage = ""
      $0.agents[1].agentID = ""
      $0.stepTimeoutSec = -1
    }
    #expect(
      Set(fields) == [
        "match_id", "environment", "timeout_sec", "agents[0].docker_image", "agents[1].agent_id", "step_timeout_sec",
      ]
    )
  }

  @Test func whatIsSaidFitsIntoTrailers() {
    var agent = Executor_AgentData()
    agent.agentID = String(repeating: "x", count: 100_000)
    let bad = request {
      $0.matchID = String(repeating: "y", count: 100_000)
      $0.agents = Array(repeating: agent, count: 200)
    }
    let refusal = #expect(throws: MatchRefusal.self) { try reader.read(bad) }
    #expect((refusal?.status.message.utf8.count ?? .max) < 6000)
  }

  @Test func theOperatorsStepLimitHolds() throws {
    let reader = RequestReader(registry: .standard, defaults: MatchDefaults(maxStepsPerMatch: 500))
    #expect(try reader.read(request()).spec.environmentConfiguration == ["max_steps": .integer(500)])
    let less = try reader.read(request { $0.environmentConfig["max_steps"] = "20" })
    #expect(less.spec.environmentConfiguration == ["max_steps": .integer(20)])
    #expect(throws: MatchRefusal.invalid([FieldError(field: "environment_config.max_steps", given: "", allowed: "")])) {
      try reader.read(request { $0.environmentConfig["max_steps"] = "501" })
    }
    let wider = RequestReader(registry: .standard, defaults: MatchDefaults(maxStepsPerMatch: 10_000))
    #expect(try wider.read(request()).spec.environmentConfiguration.isEmpty)
  }

  @Test func equalRequestsHaveEqualDigests() throws {
    func filled(_ keys: [String]) -> Executor_MatchRequest {
      request { request in for key in keys { request.agents[0].metadata[key] = key } }
    }
    let keys = (0..<40).map { "key\($0)" }
    let digests = try (0..<20).map { _ in try reader.read(filled(keys.shuffled())).requestDigest }
    #expect(Set(digests).count == 1)
    #expect(digests[0].count == 64)
    let other = try reader.read(request { $0.seed = 1 }).requestDigest
    #expect(try other != reader.read(request()).requestDigest)
    // A seed of 0 is not the same as none.
    #expect(try reader.read(request { $0.seed = 0 }).requestDigest != reader.read(request()).requestDigest)
  }
}

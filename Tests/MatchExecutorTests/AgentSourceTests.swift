import ArenaCore
import Testing

@testable import MatchExecutor

@Suite struct AgentSourceTests {
  @Test func anImageIsTakenFromEitherField() throws {
    #expect(try AgentSource(image: "team/a:v1", codeURL: "", field: "agents[0]").image?.description == "team/a:v1")
    #expect(try AgentSource(image: "", codeURL: "team/b:v1", field: "agents[0]").image?.description == "team/b:v1")
    #expect(try AgentSource(image: "team/a", codeURL: "team/b", field: "agents[0]").image?.description == "team/a")
  }

  @Test func anAbsolutePathIsOneWhateverItsName() throws {
    for path in ["/srv/agents/x.py", "/srv/agents/x", "/srv/a b/ö.zip"] {
      let source = try AgentSource(image: "", codeURL: path, field: "agents[0]")
      #expect(source.path == path && source.image == nil && source.builtIn == nil)
    }
  }

  @Test func pathAndImageAreBothKept() throws {
    let source = try AgentSource(image: "team/a", codeURL: "/srv/a.py", field: "agents[0]")
    #expect(source.path == "/srv/a.py" && source.image?.description == "team/a")
  }

  @Test func theEnginesOwnAgentsHaveNames() throws {
    #expect(try AgentSource(image: "", codeURL: "builtin:random", field: "agents[0]").builtIn == .random)
    #expect(throws: FieldError(field: "agents[0].code_url", given: "", allowed: "")) {
      try AgentSource(image: "", codeURL: "builtin:clever", field: "agents[0]")
    }
  }

  @Test(arguments: [
    "https://github.com/team/agent", "http://host/agent.zip", "git@github.com:team/agent.git", "ssh://git@host/agent",
    "git+https://host/agent", "github.com/team/agent", "team/agent.git", "file:///srv/agent.py",
    "s3://bucket/agent.zip",
  ])
  func codeElsewhereIsRefusedWithASentence(_ url: String) {
    let error = #expect(throws: FieldError.self) { try AgentSource(image: "", codeURL: url, field: "agents[1]") }
    #expect(error?.field == "agents[1].code_url")
    #expect(error?.description.contains("not fetched from anywhere") == true)
  }

  @Test(arguments: ["agent.py", "./agent", "../x/agent.py", "~/agent", "agents\\mine", "agent.zip"])
  func relativePathsAreRefused(_ path: String) {
    let error = #expect(throws: FieldError.self) { try AgentSource(image: "", codeURL: path, field: "agents[1]") }
    #expect(error?.description.contains("absolute") == true)
  }

  @Test func nothingAtAllIsRefusedByTheFieldThatIsNotDeprecated() {
    #expect(throws: FieldError(field: "agents[0].docker_image", given: "", allowed: "")) {
      try AgentSource(image: "", codeURL: "", field: "agents[0]")
    }
  }

  @Test func aBadImageNamesItsField() {
    #expect(throws: FieldError(field: "agents[2].docker_image", given: "", allowed: "")) {
      try AgentSource(image: "Not An Image", codeURL: "", field: "agents[2]")
    }
  }
}

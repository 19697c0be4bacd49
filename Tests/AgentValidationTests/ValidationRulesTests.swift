import AgentValidation
import ArenaCore
import Foundation
import TestSupport
import Testing

/// The sections `validation` and `sandbox` of a configuration file.
@Suite struct ValidationRulesTests {
  private static func rules(_ validation: String, sandbox: String = "{}") throws -> ValidationRules {
    func section(_ text: String, _ path: String) throws -> FieldReader {
      try FieldReader(JSONDecoder().decode(JSONValue.self, from: Data(text.utf8)), path: path)
    }
    return try ValidationRules(
      validation: section(validation, "validation"),
      sandbox: section(sandbox, "sandbox")
    )
  }

  @Test func `the published file is read as it is`() throws {
    let published = try Self.rules(
      """
      {"max_file_size_mb": 10, "allowed_extensions": [".py", ".txt", ".json"], "max_lines": 5000,
       "forbidden_imports": ["os.system", "subprocess", "eval", "exec", "compile", "__import__"]}
      """,
      sandbox: #"{"max_code_size_mb": 50, "use_docker": true}"#
    )
    var expected = ValidationRules()
    expected.allowedExtensions = ValidationRules.publishedExtensions
    #expect(published == expected)
    #expect(try Self.rules("{}") == ValidationRules())
    #expect(try ValidationRules(validation: nil) == ValidationRules())
  }

  @Test func `authors at home read by the same defaults`() async throws {
    struct Defaults: Decodable, Equatable {
      var forbidden_imports: [String]
      var allowed_extensions: [String]
      var max_lines: Int
      var max_file_bytes: Int
      var max_total_bytes: Int
      var max_files: Int
    }
    let folder = TestPython.packageRoot.appending(path: "sdk/python").path
    let answer = try await TestPython.run(
      "import json, sys; sys.path.insert(0, sys.argv[1]); import rl_arena_validate as v; "
        + "print(json.dumps({n: getattr(v.Rules, n) for n in v.Rules.__annotations__}))",
      arguments: [folder]
    )
    let rules = ValidationRules()
    #expect(
      try JSONDecoder().decode(Defaults.self, from: answer)
        == Defaults(
          forbidden_imports: rules.forbiddenImports,
          allowed_extensions: rules.allowedExtensions,
          max_lines: rules.lines,
          max_file_bytes: rules.fileBytes,
          max_total_bytes: rules.totalBytes,
          max_files: rules.files
        )
    )
  }

  @Test func `sizes are MiB`() throws {
    let rules = try Self.rules(#"{"max_file_size_mb": 0.5}"#, sandbox: #"{"max_code_size_mb": 2}"#)
    #expect(rules.fileBytes == 512 << 10)
    #expect(rules.totalBytes == 2 << 20)
    #expect(try Self.rules("{}", sandbox: #"{"max_code_size_mb": 2}"#).fileBytes == 2 << 20)
  }

  @Test(arguments: [
    (#"{"max_file_size_mb": "10"}"#, "validation.max_file_size_mb is \"10\"; it must be a number of MiB in 0.001…1024"),
    (#"{"max_file_size_mb": 0}"#, "validation.max_file_size_mb is 0; it must be a number of MiB in 0.001…1024"),
    (#"{"max_lines": 0}"#, "validation.max_lines is 0; it must be a whole number in 1…1000000"),
    (#"{"max_files": -1}"#, "validation.max_files is -1; it must be a whole number in 1…10000"),
    (#"{"forbidden_imports": "eval"}"#, "validation.forbidden_imports is \"eval\"; it must be an array"),
    (#"{"forbidden_imports": ["a", 1]}"#, "validation.forbidden_imports[1] is 1; it must be a name of 1 to 64 bytes"),
    (#"{"allowed_extensions": [""]}"#, "validation.allowed_extensions[0] is \"\"; it must be a name of 1 to 64 bytes"),
  ])
  func `a value that is not allowed is named`(section: String, sentence: String) throws {
    let error = #expect(throws: FieldError.self) { try Self.rules(section) }
    #expect(error?.description == sentence)
  }
}

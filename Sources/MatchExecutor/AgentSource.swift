internal import ArenaCore
public import MatchEngine

/// Where an agent of a request comes from.
///
/// A request may name both an image and a path; what plays matches takes the one that it can run.
public struct AgentSource: Sendable, Equatable {
  /// Its container image.
  public var image: ImageReference?
  /// An absolute path of its code on this machine.
  public var path: String?
  /// An agent of the engine itself.
  public var builtIn: BuiltInAgent?

  /// What stands before the names of the engine's own agents.
  private static let builtInPrefix = "builtin:"
  /// Names of schemes and hosts that say that code is somewhere else.
  private static let foreignPrefixes = ["git@", "git+", "git:", "www.", "github.com/", "gitlab.com/", "bitbucket.org/"]

  /// Reads the two fields of a request.
  ///
  /// - Parameters:
  ///   - field: the agent's place in the request, such as `agents[1]`.
  /// - Throws: `FieldError` about the field that cannot be used.
  init(image: String, codeURL: String, field: String) throws(FieldError) {
    if !image.isEmpty { self.image = try Self.image(image, field: "\(field).docker_image") }
    guard !codeURL.isEmpty else {
      guard self.image != nil else {
        throw FieldError(
          field: "\(field).docker_image",
          given: "empty, and so is code_url",
          allowed: "an image reference; or code_url the absolute path of an agent's code"
        )
      }
      return
    }
    try read(codeURL, field: "\(field).code_url")
  }

  private mutating func read(_ codeURL: String, field: String) throws(FieldError) {
    let given = JSONValue.string(codeURL).description
    if codeURL.hasPrefix(Self.builtInPrefix) {
      guard let agent = BuiltInAgent(rawValue: String(codeURL.dropFirst(Self.builtInPrefix.count))) else {
        let known = BuiltInAgent.allCases.map { Self.builtInPrefix + $0.rawValue }.joined(separator: ", ")
        throw FieldError(field: field, given: given, allowed: "one of \(known)")
      }
      return builtIn = agent
    }
    if codeURL.hasPrefix("/") {
      guard codeURL.utf8.count <= 4096, !codeURL.utf8.contains(0) else {
        throw FieldError(field: field, given: given, allowed: "a path of at most 4096 bytes, none of them 0")
      }
      return path = codeURL
    }
    let lowercased = codeURL.lowercased()
    if codeURL.contains("://") || Self.foreignPrefixes.contains(where: lowercased.hasPrefix)
      || lowercased.hasSuffix(".git")
    {
      throw FieldError(
        field: field,
        given: "\(given), and code is not fetched from anywhere",
        allowed:
          "an absolute path on the executor's machine (a .py file, a directory or a .zip file) or an image reference"
      )
    }
    let isRelativePath =
      codeURL.hasPrefix(".") || codeURL.hasPrefix("~") || codeURL.contains("\\")
      || [".py", ".zip"].contains(where: lowercased.hasSuffix)
    guard !isRelativePath else {
      throw FieldError(
        field: field,
        given: "\(given), which is not an absolute path",
        allowed: "one that begins with /"
      )
    }
    // Where both fields name an image, docker_image is the one that is not deprecated.
    let named = try Self.image(codeURL, field: field)
    if image == nil { image = named }
  }

  private static func image(_ text: String, field: String) throws(FieldError) -> ImageReference {
    guard let reference = ImageReference(text) else {
      throw FieldError(
        field: field,
        given: JSONValue.string(text).description,
        allowed: "an image reference such as registry.example.com/team/agent:v1"
      )
    }
    return reference
  }
}

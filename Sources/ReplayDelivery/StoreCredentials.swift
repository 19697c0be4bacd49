internal import ArenaCore

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// What an S3-compatible store knows its user by. Its description shows nothing of the secrets.
public struct StoreCredentials: Equatable, Sendable {
  /// The key's name, which is part of every signature and no secret.
  public let accessKeyID: String
  let secretAccessKey: String
  let sessionToken: String?

  /// Credentials; `sessionToken` belongs to temporary ones.
  public init(accessKeyID: String, secretAccessKey: String, sessionToken: String? = nil) {
    self.accessKeyID = accessKeyID
    self.secretAccessKey = secretAccessKey
    self.sessionToken = sessionToken
  }

  /// The names under which credentials are found, both as variables and as files.
  static let names = (
    accessKeyID: "AWS_ACCESS_KEY_ID", secretAccessKey: "AWS_SECRET_ACCESS_KEY", sessionToken: "AWS_SESSION_TOKEN"
  )

  /// Where credentials come from.
  public enum Source: Equatable, Sendable {
    /// The process's environment.
    case environment
    /// Files in this folder, named like the environment's variables, such as a mounted Secret. They are read for every signature, so that
    /// ones that rotate are taken up.
    case folder(String)
    /// These.
    case fixed(StoreCredentials)

    /// The credentials as they are now.
    ///
    /// - Throws: `DeliveryError` that names what is missing.
    public func read() throws(DeliveryError) -> StoreCredentials {
      switch self {
      case .fixed(let credentials): return credentials
      case .environment: return try Self.environment(ProcessInfo.processInfo.environment)
      case .folder(let path):
        return try Self.credentials { name throws(DeliveryError) in
          let file = "\(path)/\(name)"
          guard FileManager.default.fileExists(atPath: file) else { return nil }
          guard let text = try? String(contentsOfFile: file, encoding: .utf8), text.utf8.count <= 65536 else {
            throw DeliveryError("\(file) cannot be read; it must be a text file with the value of \(name)")
          }
          return text
        } missing: {
          "\(path)/\($0)"
        }
      }
    }

    static func environment(_ variables: [String: String]) throws(DeliveryError) -> StoreCredentials {
      try credentials {
        variables[$0]
      } missing: {
        "the environment variable \($0)"
      }
    }

    private static func credentials(
      _ value: (String) throws(DeliveryError) -> String?,
      missing: (String) -> String
    ) throws(DeliveryError) -> StoreCredentials {
      func trimmed(_ name: String) throws(DeliveryError) -> String? {
        guard let text = try value(name)?.trimmingCharacters(in: .whitespacesAndNewlines), !text.isEmpty else {
          return nil
        }
        return text
      }
      func required(_ name: String) throws(DeliveryError) -> String {
        guard let value = try trimmed(name) else {
          throw DeliveryError("\(missing(name)) is missing or empty; it must hold a key of the object store")
        }
        return value
      }
      return StoreCredentials(
        accessKeyID: try required(names.accessKeyID),
        secretAccessKey: try required(names.secretAccessKey),
        sessionToken: try trimmed(names.sessionToken)
      )
    }
  }
}

extension StoreCredentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// The first letters of the key's name, and whether there is a session token.
  public var description: String {
    "credentials \(accessKeyID.prefix(4))…" + (sessionToken == nil ? "" : " with a session token")
  }

  /// The same as `description`.
  public var debugDescription: String { description }

  /// Nothing: `dump` shows no more than `print`.
  public var customMirror: Mirror { Mirror(self, children: []) }
}

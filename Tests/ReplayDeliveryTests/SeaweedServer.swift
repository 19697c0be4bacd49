import ArenaCore
import Foundation
import Glibc
import TestSupport

/// A SeaweedFS server of its own on loopback, with one bucket and one user: a real S3 store, which checks signatures.
final class SeaweedServer: Sendable {
  static let accessKeyID = "AKIADELIVERER"
  static let secretAccessKey = "a/secret+key=with~odd-characters"
  static let bucket = "replays"

  /// The port of the S3 gateway.
  let port: Int
  private let ports: [Int]
  private let folder: ScratchFolder
  private let process: ChildProcess

  /// The gateway's address.
  var endpoint: String { "http://127.0.0.1:\(port)" }

  /// Variables by which programs find the server's keys.
  static var variables: [String: String] {
    ["AWS_ACCESS_KEY_ID": accessKeyID, "AWS_SECRET_ACCESS_KEY": secretAccessKey]
  }

  /// Ports that were free a moment ago.
  static func freePorts(_ count: Int) throws -> [Int] {
    var sockets: [CInt] = []
    defer { for socket in sockets { close(socket) } }
    return try (0..<count).map { _ in
      let socket = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
      sockets.append(socket)
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
      var length = socklen_t(MemoryLayout<sockaddr_in>.size)
      let isBound = withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          bind(socket, $0, length) == 0 && getsockname(socket, $0, &length) == 0
        }
      }
      guard isBound else { throw ChildProcess.Failure(description: "no free port: \(errno)") }
      return Int(UInt16(bigEndian: address.sin_port))
    }
  }

  /// Ports for a server that is to be started later.
  static func reservePorts() throws -> [Int] { try freePorts(10) }

  /// Starts a server and waits until it serves.
  static func start(on ports: [Int]? = nil) async throws -> SeaweedServer {
    var last = ""
    // A port that was free may be taken by the time the server wants it.
    for _ in 0..<(ports == nil ? 3 : 1) {
      let server = try SeaweedServer(ports: ports ?? reservePorts())
      if await server.serves() { return server }
      last = server.process.standardError + server.process.standardOutput
      await server.stop()
    }
    throw ChildProcess.Failure(description: "SeaweedFS did not start: \(last.suffix(2000))")
  }

  private init(ports: [Int]) throws {
    self.ports = ports
    port = ports[0]
    folder = try ScratchFolder()
    let identities = """
      {"identities": [{"name": "deliverer", "actions": ["Admin", "Read", "Write", "List", "Tagging"],
        "credentials": [{"accessKey": "\(Self.accessKeyID)", "secretKey": "\(Self.secretAccessKey)"}]}]}
      """
    let config = try folder.write(identities, to: "s3.json")
    try FileManager.default.createDirectory(at: folder.url.appending(path: "data"), withIntermediateDirectories: true)
    process = try ChildProcess(
      TestPython.packageRoot.appending(path: ".venv/bin/weed").path,
      [
        "mini", "-dir=\(folder.path("data"))", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-master.telemetry=false",
        "-admin.ui=false", "-webdav=false", "-s3.iam=false", "-s3.port.iceberg=0", "-s3.port.lance=0",
        "-s3.port=\(ports[0])", "-s3.port.grpc=\(ports[1])", "-master.port=\(ports[2])",
        "-master.port.grpc=\(ports[3])",
        "-volume.port=\(ports[4])", "-volume.port.grpc=\(ports[5])", "-filer.port=\(ports[6])",
        "-filer.port.grpc=\(ports[7])", "-admin.port=\(ports[8])", "-admin.port.grpc=\(ports[9])",
        "-filer.localSocket=\(folder.path("filer.sock"))", "-s3.localSocket=\(folder.path("s3.sock"))",
        "-bucket=\(Self.bucket)", "-s3.config=\(config)",
      ],
      folder: folder.url,
      name: "weed"
    )
  }

  private func serves() async -> Bool {
    _ = await Wait.until(seconds: 60) {
      if process.survivors.isEmpty { return true }
      return (try? await ask("keys")) != nil
    }
    return (try? await ask("keys")) != nil
  }

  /// Ends the server.
  func stop() async {
    process.killGroup()
    _ = await process.end(within: 20)
  }

  deinit { process.killGroup() }

  // MARK: - What is in it

  /// An object as boto3 reads it.
  struct Object: Decodable {
    var size: Int
    var sha256: String
    var content_type: String
    var metadata_sha256: String
    var tag: String
  }

  private static let script = try? String(
    contentsOf: TestPython.packageRoot.appending(path: "Tests/ReplayDeliveryTests/Peers/bucket.py"),
    encoding: .utf8
  )

  @discardableResult
  private func ask(_ arguments: String...) async throws -> Data {
    try await TestPython.run(
      Self.script ?? "",
      arguments: ["\(port)", Self.accessKeyID, Self.secretAccessKey] + arguments
    )
  }

  /// The object `key`, read to its end.
  func object(_ key: String) async throws -> Object {
    try await JSONDecoder().decode(Object.self, from: ask("show", key))
  }

  /// Frames of the replay `key`, as the `mcap` package reads it with all checksums.
  func frames(_ key: String) async throws -> Int? {
    guard
      case .integer(let count) = try await JSONDecoder().decode([String: JSONValue].self, from: ask("frames", key))[
        "frames"
      ]
    else { return nil }
    return Int(count)
  }

  /// Puts something else in an object's place; `sha256` is what it says of itself.
  func replace(_ key: String, with text: String, sha256: String = "") async throws {
    try await ask("replace", key, text, sha256)
  }

  /// Keys of all objects.
  func keys() async throws -> [String] {
    try await JSONDecoder().decode([String: [String]].self, from: ask("keys"))["keys"] ?? []
  }

  /// Keys of uploads in parts that are neither completed nor aborted.
  func uploads() async throws -> [String] {
    try await JSONDecoder().decode([String: [String]].self, from: ask("uploads"))["uploads"] ?? []
  }
}

import ArenaCore
import Foundation
import Glibc
import TestSupport

/// A proxy before a store that does what networks and busy stores do; see `Peers/faulty_proxy.py`.
final class FaultyProxy: Sendable {
  /// A request that went through it.
  struct Request: Decodable, Equatable {
    var method: String
    /// Path and query, without the signature.
    var target: String
    var status: Int?
    var fault: String?

    /// The number of the part that it brings; nil for other requests.
    var part: Int? {
      guard method == "PUT", let range = target.range(of: "partNumber=") else { return nil }
      return Int(target[range.upperBound...].prefix { $0.isNumber })
    }
  }

  private let process: ChildProcess
  private let folder: ScratchFolder
  let port: Int

  var endpoint: String { "http://127.0.0.1:\(port)" }

  /// Starts a proxy before the server at `upstream`.
  static func start(before upstream: Int, _ faults: [[String: JSONValue]] = []) async throws -> FaultyProxy {
    let folder = try ScratchFolder()
    try folder.write(JSONEncoder().encode(faults), to: "faults.json")
    let process = try ChildProcess(
      TestPython.executable.path,
      [
        TestPython.packageRoot.appending(path: "Tests/ReplayDeliveryTests/Peers/faulty_proxy.py").path, "\(upstream)",
        folder.path("faults.json"), folder.path("log"),
      ],
      folder: folder.url,
      name: "proxy"
    )
    guard await Wait.until({ process.standardOutput.hasSuffix("\n") || process.survivors.isEmpty }),
      let port = Int(process.standardOutput.dropLast())
    else { throw ChildProcess.Failure(description: "no proxy: \(process.standardError)") }
    return FaultyProxy(process, folder, port)
  }

  private init(_ process: ChildProcess, _ folder: ScratchFolder, _ port: Int) {
    self.process = process
    self.folder = folder
    self.port = port
  }

  deinit { process.killGroup() }

  /// What it does from now on.
  func set(_ faults: [[String: JSONValue]]) throws {
    try folder.write(JSONEncoder().encode(faults), to: "next.json")
    guard rename(folder.path("next.json"), folder.path("faults.json")) == 0 else {
      throw ChildProcess.Failure(description: "the faults cannot be changed")
    }
  }

  /// The requests so far, those in flight left out.
  var requests: [Request] {
    let text = (try? String(contentsOfFile: folder.path("log"), encoding: .utf8)) ?? ""
    return text.split(separator: "\n").compactMap { try? JSONDecoder().decode(Request.self, from: Data($0.utf8)) }
  }

  /// Numbers of the parts that the store took, in the order in which it did.
  var partsTaken: [Int] { requests.filter { $0.status == 200 }.compactMap(\.part) }
}

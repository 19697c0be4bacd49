import ArenaCore
import Crypto
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import ReplayDelivery

extension SeaweedTests {
  /// The library against a real store, through a network that fails as networks do.
  @Suite struct StoreDeliveryTests {
    let folder: ScratchFolder
    let server: SeaweedServer
    /// Where the test's objects are, apart from those of others.
    let prefix = "t-\(UUID().uuidString.lowercased())"
    let notices = Notices()

    /// The lines that were said meanwhile.
    final class Notices: Sendable {
      let lines = Mutex<[String]>([])
      func add(_ line: String) { lines.withLock { $0.append(line) } }
      var all: [String] { lines.withLock { $0 } }
    }

    init() throws {
      folder = try ScratchFolder()
      server = try SeaweedServer.shared
    }

    static func sha256(_ bytes: Data) -> String {
      SHA256.hash(data: bytes).map { String(format: "%02x", $0) }.joined()
    }

    static let credentials = StoreCredentials(
      accessKeyID: SeaweedServer.accessKeyID,
      secretAccessKey: SeaweedServer.secretAccessKey
    )

    /// Quick retries: a test waits for nothing that the policy's own tests have seen to.
    static func options(
      _ credentials: StoreCredentials = credentials,
      readsBack: Bool = false,
      total: Duration = .seconds(60),
      attempts: Int = 12
    ) -> DeliveryOptions {
      DeliveryOptions(
        credentials: .fixed(credentials),
        readsBack: readsBack,
        retry: RetryPolicy(
          firstDelay: .milliseconds(20),
          longestDelay: .milliseconds(500),
          attempts: attempts,
          total: total
        )
      )
    }

    func target(_ endpoint: String? = nil) throws -> DeliveryTarget {
      .store(try ObjectStore(url: "s3://\(SeaweedServer.bucket)/\(prefix)", endpoint: endpoint ?? server.endpoint))
    }

    /// Delivers a file, and checks that nobody is told a secret.
    func deliver(
      _ path: String,
      as name: String,
      endpoint: String? = nil,
      _ options: DeliveryOptions = options()
    ) async throws -> Delivery.Report {
      let notices = notices
      let delivery = Delivery(options: options) { notices.add($0) }
      let report = await delivery.deliver(try DeliverableFile(path: path), as: name, to: try target(endpoint))
      await delivery.close()
      expectNoSecrets(report)
      return report
    }

    func deliver(_ path: String, by ticket: UploadTicket, _ options: DeliveryOptions = options()) async throws
      -> Delivery.Report
    {
      let notices = notices
      let delivery = Delivery(options: options) { notices.add($0) }
      let report = await delivery.deliver(try DeliverableFile(path: path), by: ticket)
      await delivery.close()
      expectNoSecrets(report)
      return report
    }

    func expectNoSecrets(_ report: Delivery.Report, _ place: SourceLocation = #_sourceLocation) {
      for text in notices.all + ["\(report)"] {
        for secret in ["X-Amz", SeaweedServer.secretAccessKey, SeaweedServer.accessKeyID, "Signature="] {
          #expect(!text.contains(secret), "\(text)", sourceLocation: place)
        }
      }
    }

    func expectStored(_ name: String, _ bytes: Data, _ place: SourceLocation = #_sourceLocation) async throws {
      let object = try await server.object("\(prefix)/\(name)")
      #expect(object.size == bytes.count, sourceLocation: place)
      #expect(object.sha256 == Self.sha256(bytes), sourceLocation: place)
    }

    // MARK: - What arrives

    @Test(arguments: [
      ("m.mcap", "application/octet-stream", 70_001), ("m.json", "application/json", 2),
      ("m.html", "text/html; charset=utf-8", 300), ("empty.mcap", "application/octet-stream", 0),
    ])
    func `a small file arrives in one piece, with its type and its checksum`(name: String, type: String, size: Int)
      async throws
    {
      let bytes = ScratchFolder.bytes(size)
      let path = try folder.write(bytes, to: name)
      let report = try await deliver(path, as: name)
      #expect(report.result.delivered && report.result.check == .checksum && report.result.error == nil)
      #expect(report.result.url == "s3://replays/\(prefix)/\(name)")
      #expect(report.result.sha256 == Self.sha256(bytes) && report.result.bytes == size)
      #expect(!report.wasThere && report.sentParts == 0)
      let object = try await server.object("\(prefix)/\(name)")
      #expect(object.sha256 == Self.sha256(bytes) && object.metadata_sha256 == object.sha256)
      #expect(object.content_type == type)
      #expect(try await deliver(path, as: name, Self.options(readsBack: true)).wasThere)
    }

    @Test func `a large file arrives in parts, and is read back whole`() async throws {
      let bytes = ScratchFolder.bytes(40 << 20)
      let path = try folder.write(bytes, to: "m.mcap")
      let report = try await deliver(path, as: "m.mcap", Self.options(readsBack: true))
      #expect(report.result.delivered && report.result.check == .content, "\(report)")
      #expect(report.sentParts == 5 && report.resumedParts == 0)
      let object = try await server.object("\(prefix)/m.mcap")
      #expect(object.sha256 == Self.sha256(bytes) && object.metadata_sha256 == object.sha256)
      #expect(object.tag.hasSuffix("-5"))
      #expect(folder.contents == ["m.mcap"], "the record of the upload is gone")
      let again = try await deliver(path, as: "m.mcap")
      #expect(again.wasThere && again.sentParts == 0 && again.result.delivered)
    }

    @Test func `folders before a name become part of the key`() async throws {
      let path = try folder.write("{}", to: "m.json")
      #expect(try await deliver(path, as: "deep/er/m.json").result.delivered)
      #expect(try await server.keys().contains("\(prefix)/deep/er/m.json"))
    }

    // MARK: - Verification

    @Test func `an object that was changed is found, and sent anew`() async throws {
      let bytes = Data("the true replay".utf8)
      let path = try folder.write(bytes, to: "m.mcap")
      _ = try await deliver(path, as: "m.mcap")
      // Of the same size, and it claims to be the same.
      try await server.replace("\(prefix)/m.mcap", with: "the fake replay", sha256: Self.sha256(bytes))
      let report = try await deliver(path, as: "m.mcap")
      #expect(report.result.delivered && !report.wasThere)
      try await expectStored("m.mcap", bytes)
    }

    @Test func `an object that is not what was sent is no delivery`() async throws {
      let path = try folder.write("the true replay", to: "m.mcap")
      let proxy = try await FaultyProxy.start(
        before: server.port,
        [["method": .string("HEAD"), "do": .string("status"), "status": .integer(200), "body": .string("other")]]
      )
      let report = try await deliver(path, as: "m.mcap", endpoint: proxy.endpoint)
      #expect(!report.result.delivered && report.result.check == nil)
      #expect(report.result.error == "the stored object has 5 bytes and not the file's 15")
    }

    @Test func `reading back finds what no checksum of the store's would`() async throws {
      let path = try folder.write("the true replay", to: "m.mcap")
      let proxy = try await FaultyProxy.start(
        before: server.port,
        [
          [
            "method": .string("GET"), "do": .string("status"), "status": .integer(200),
            "body": .string("the fake replay"),
          ]
        ]
      )
      let report = try await deliver(path, as: "m.mcap", endpoint: proxy.endpoint, Self.options(readsBack: true))
      #expect(!report.result.delivered)
      #expect(report.result.error?.hasPrefix("what is read back from the store is not the file: 15 bytes") == true)
    }

    // MARK: - Keys

    @Test(arguments: [
      (SeaweedServer.accessKeyID, "wrong", "the secret key is wrong"),
      ("AKIANOBODY", SeaweedServer.secretAccessKey, "the store does not know the access key"),
    ])
    func `wrong keys are said to be wrong, at once`(id: String, secret: String, says: String) async throws {
      let path = try folder.write("x", to: "m.mcap")
      let report = try await deliver(
        path,
        as: "m.mcap",
        Self.options(StoreCredentials(accessKeyID: id, secretAccessKey: secret))
      )
      #expect(!report.result.delivered && !report.isAboutFile)
      #expect(report.result.error?.contains(says) == true, "\(report.result.error ?? "")")
      #expect(notices.all.isEmpty)
    }
  }
}

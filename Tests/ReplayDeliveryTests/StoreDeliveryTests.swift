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
    private let folder: ScratchFolder
    private let server: SeaweedServer
    /// Where the test's objects are, apart from those of others.
    private let prefix = "t-\(UUID().uuidString.lowercased())"
    private let notices = Notices()

    /// The lines that were said meanwhile.
    private final class Notices: Sendable {
      private let lines = Mutex<[String]>([])
      func add(_ line: String) { lines.withLock { $0.append(line) } }
      var all: [String] { lines.withLock { $0 } }
    }

    init() throws {
      folder = try ScratchFolder()
      server = try SeaweedServer.shared
    }

    private static func sha256(_ bytes: Data) -> String {
      SHA256.hash(data: bytes).map { String(format: "%02x", $0) }.joined()
    }

    private static let credentials = StoreCredentials(
      accessKeyID: SeaweedServer.accessKeyID,
      secretAccessKey: SeaweedServer.secretAccessKey
    )

    /// Quick retries: a test waits for nothing that the policy's own tests have seen to.
    private static func options(
      _ credentials: StoreCredentials = credentials,
      readsBack: Bool = false,
      total: Duration = .seconds(60),
      attempts: Int = 12
    ) -> DeliveryOptions {
      DeliveryOptions(
        credentials: .fixed(credentials),
        readsBack: readsBack,
        retry: RetryPolicy(firstDelay: .milliseconds(20), longestDelay: .milliseconds(500), attempts: attempts, total: total)
      )
    }

    private func target(_ endpoint: String? = nil) throws -> DeliveryTarget {
      .store(try ObjectStore(url: "s3://\(SeaweedServer.bucket)/\(prefix)", endpoint: endpoint ?? server.endpoint))
    }

    /// Delivers a file, and checks that nobody is told a secret.
    private func deliver(
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

    private func deliver(_ path: String, by ticket: UploadTicket, _ options: DeliveryOptions = options()) async throws
      -> Delivery.Report
    {
      let notices = notices
      let delivery = Delivery(options: options) { notices.add($0) }
      let report = await delivery.deliver(try DeliverableFile(path: path), by: ticket)
      await delivery.close()
      expectNoSecrets(report)
      return report
    }

    private func expectNoSecrets(_ report: Delivery.Report, _ place: SourceLocation = #_sourceLocation) {
      for text in notices.all + ["\(report)"] {
        for secret in ["X-Amz", SeaweedServer.secretAccessKey, SeaweedServer.accessKeyID, "Signature="] {
          #expect(!text.contains(secret), "\(text)", sourceLocation: place)
        }
      }
    }

    private func expectStored(_ name: String, _ bytes: Data, _ place: SourceLocation = #_sourceLocation) throws {
      let object = try server.object("\(prefix)/\(name)")
      #expect(object.size == bytes.count, sourceLocation: place)
      #expect(object.sha256 == Self.sha256(bytes), sourceLocation: place)
    }

    // MARK: - What arrives

    @Test(arguments: [
      ("m.mcap", "application/octet-stream", 70_001), ("m.json", "application/json", 2),
      ("m.html", "text/html; charset=utf-8", 300), ("empty.mcap", "application/octet-stream", 0),
    ])
    func `a small file arrives in one piece, with its type and its checksum`(name: String, type: String, size: Int) async throws
    {
      let bytes = ScratchFolder.bytes(size)
      let path = try folder.write(bytes, to: name)
      let report = try await deliver(path, as: name)
      #expect(report.result.delivered && report.result.check == .checksum && report.result.error == nil)
      #expect(report.result.url == "s3://replays/\(prefix)/\(name)")
      #expect(report.result.sha256 == Self.sha256(bytes) && report.result.bytes == size)
      #expect(!report.wasThere && report.sentParts == 0)
      let object = try server.object("\(prefix)/\(name)")
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
      let object = try server.object("\(prefix)/m.mcap")
      #expect(object.sha256 == Self.sha256(bytes) && object.metadata_sha256 == object.sha256)
      #expect(object.tag.hasSuffix("-5"))
      #expect(folder.contents == ["m.mcap"], "the record of the upload is gone")
      let again = try await deliver(path, as: "m.mcap")
      #expect(again.wasThere && again.sentParts == 0 && again.result.delivered)
    }

    @Test func `folders before a name become part of the key`() async throws {
      let path = try folder.write("{}", to: "m.json")
      #expect(try await deliver(path, as: "deep/er/m.json").result.delivered)
      #expect(try server.keys().contains("\(prefix)/deep/er/m.json"))
    }

    // MARK: - Verification

    @Test func `an object that was changed is found, and sent anew`() async throws {
      let bytes = Data("the true replay".utf8)
      let path = try folder.write(bytes, to: "m.mcap")
      _ = try await deliver(path, as: "m.mcap")
      // Of the same size, and it claims to be the same.
      try server.replace("\(prefix)/m.mcap", with: "the fake replay", sha256: Self.sha256(bytes))
      let report = try await deliver(path, as: "m.mcap")
      #expect(report.result.delivered && !report.wasThere)
      try expectStored("m.mcap", bytes)
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
        [["method": .string("GET"), "do": .string("status"), "status": .integer(200), "body": .string("the fake replay")]]
      )
      let report = try await deliver(path, as: "m.mcap", endpoint: proxy.endpoint, Self.options(readsBack: true))
      #expect(!report.result.delivered)
      #expect(report.result.error?.hasPrefix("what is read back from the store is not the file: 15 bytes") == true)
    }

    // MARK: - Networks and stores in trouble

    @Test(arguments: [
      ["method": .string("PUT"), "do": .string("drop"), "times": .integer(2)],
      ["method": .string("PUT"), "do": .string("lose"), "times": .integer(2)],
      ["method": .string("PUT"), "do": .string("corrupt"), "times": .integer(2)],
      ["do": .string("status"), "status": .integer(503), "times": .integer(3)],
      ["do": .string("status"), "status": .integer(500), "times": .integer(3)],
      ["method": .string("PUT"), "do": .string("status"), "status": .integer(429), "retry_after": .integer(1), "times": .integer(1)],
      [
        "method": .string("PUT"), "do": .string("status"), "status": .integer(400), "times": .integer(2),
        "body": .string("<Error><Code>RequestTimeout</Code><Message>Too slow</Message></Error>"),
      ],
    ] as [[String: JSONValue]])
    func `a small file arrives in spite of a fault`(fault: [String: JSONValue]) async throws {
      let bytes = ScratchFolder.bytes(300_000)
      let path = try folder.write(bytes, to: "m.mcap")
      let proxy = try await FaultyProxy.start(before: server.port, [fault])
      let report = try await deliver(path, as: "m.mcap", endpoint: proxy.endpoint)
      #expect(report.result.delivered, "\(report)")
      try expectStored("m.mcap", bytes)
      let faults = proxy.requests.filter { $0.fault != nil }.count
      #expect(faults > 0 && notices.all.count == faults, "\(proxy.requests) \(notices.all)")
    }

    @Test func `a large file arrives in spite of many faults, and parts that arrived are not sent again`() async throws {
      let bytes = ScratchFolder.bytes(40 << 20)
      let path = try folder.write(bytes, to: "m.mcap")
      let proxy = try await FaultyProxy.start(
        before: server.port,
        [
          ["method": .string("POST"), "has": .string("uploads"), "do": .string("drop"), "times": .integer(1)],
          ["has": .string("partNumber=2&"), "do": .string("drop"), "times": .integer(2)],
          ["has": .string("partNumber=3&"), "do": .string("corrupt"), "times": .integer(1)],
          ["has": .string("partNumber=4&"), "do": .string("status"), "status": .integer(503), "times": .integer(2)],
          ["method": .string("POST"), "has": .string("uploadId"), "do": .string("lose"), "times": .integer(1)],
        ]
      )
      let report = try await deliver(path, as: "m.mcap", endpoint: proxy.endpoint, Self.options(readsBack: true))
      #expect(report.result.delivered && report.sentParts == 5, "\(report) \(notices.all)")
      #expect(proxy.partsTaken.sorted() == [1, 2, 3, 4, 5])
      let refused = proxy.requests.filter { $0.part == 3 && $0.status == 400 }
      #expect(refused.count == 1, "the store itself refuses the part that was corrupted")
      try expectStored("m.mcap", bytes)
    }

    @Test func `bytes that are wrong every time are refused every time, and the file is said not to have arrived`() async throws {
      let path = try folder.write("the replay", to: "m.mcap")
      let proxy = try await FaultyProxy.start(before: server.port, [["method": .string("PUT"), "do": .string("corrupt")]])
      let report = try await deliver(path, as: "m.mcap", endpoint: proxy.endpoint, Self.options(attempts: 4))
      #expect(!report.result.delivered)
      #expect(report.result.error?.contains("the store received other bytes than the file has") == true)
      #expect(report.result.error?.contains("BadDigest") == true)
      #expect(proxy.requests.filter { $0.method == "PUT" }.count == 4)
      #expect(try !server.keys().contains("\(prefix)/m.mcap"))
    }

    @Test func `what was cut off goes on with the parts that are missing`() async throws {
      let bytes = ScratchFolder.bytes(40 << 20)
      let path = try folder.write(bytes, to: "m.mcap")
      let proxy = try await FaultyProxy.start(
        before: server.port,
        [["has": .string("partNumber=4&"), "do": .string("drop")], ["has": .string("partNumber=5&"), "do": .string("drop")]]
      )
      let first = try await deliver(path, as: "m.mcap", endpoint: proxy.endpoint, Self.options(attempts: 3))
      #expect(!first.result.delivered && proxy.partsTaken.sorted() == [1, 2, 3])
      #expect(folder.contents == [".m.mcap.upload", "m.mcap"])
      let record = try String(contentsOfFile: folder.path(".m.mcap.upload"), encoding: .utf8)
      #expect(!record.contains("X-Amz") && !record.contains(SeaweedServer.accessKeyID))
      try proxy.set([])
      let second = try await deliver(path, as: "m.mcap", endpoint: proxy.endpoint)
      #expect(second.result.delivered && second.resumedParts == 3 && second.sentParts == 2)
      #expect(proxy.partsTaken.sorted() == [1, 2, 3, 4, 5])
      #expect(folder.contents == ["m.mcap"])
      try expectStored("m.mcap", bytes)
    }

    @Test func `parts of what the file was before are not used, and not left in the store`() async throws {
      let path = try folder.write(ScratchFolder.bytes(40 << 20), to: "m.mcap")
      let proxy = try await FaultyProxy.start(before: server.port, [["has": .string("partNumber=3&"), "do": .string("drop")]])
      let first = try await deliver(path, as: "m.mcap", endpoint: proxy.endpoint, Self.options(attempts: 2))
      #expect(!first.result.delivered)
      #expect(try server.uploads().contains("\(prefix)/m.mcap"))
      try proxy.set([])
      let other = ScratchFolder.bytes(40 << 20)
      try folder.write(other, to: "m.mcap")
      let second = try await deliver(path, as: "m.mcap", endpoint: proxy.endpoint)
      #expect(second.result.delivered && second.resumedParts == 0 && second.sentParts == 5)
      #expect(try !server.uploads().contains("\(prefix)/m.mcap"))
      try expectStored("m.mcap", other)
    }

    @Test(arguments: ["not JSON", "{}", #"{"upload_id": 7}"#])
    func `a record that cannot be used is no obstacle`(record: String) async throws {
      let bytes = ScratchFolder.bytes(17 << 20)
      let path = try folder.write(bytes, to: "m.mcap")
      try folder.write(record, to: ".m.mcap.upload")
      let report = try await deliver(path, as: "m.mcap")
      #expect(report.result.delivered && report.sentParts == 3)
      try expectStored("m.mcap", bytes)
    }

    @Test func `an upload that the store has forgotten begins anew`() async throws {
      let bytes = ScratchFolder.bytes(17 << 20)
      let path = try folder.write(bytes, to: "m.mcap")
      let record = UploadRecord(
        location: "s3://replays/\(prefix)/m.mcap",
        store: server.endpoint,
        uploadID: "0123456789abcdef",
        partBytes: 8 << 20,
        size: bytes.count,
        sha256: Self.sha256(bytes)
      )
      try folder.write(JSONEncoder().encode(record), to: ".m.mcap.upload")
      let report = try await deliver(path, as: "m.mcap")
      #expect(report.result.delivered && report.resumedParts == 0 && report.sentParts == 3, "\(report)")
      try expectStored("m.mcap", bytes)
    }

    @Test func `a store that is away, and comes back, gets the file`() async throws {
      let ports = try SeaweedServer.reservePorts()
      let bytes = ScratchFolder.bytes(1000)
      let path = try folder.write(bytes, to: "m.mcap")
      let endpoint = "http://127.0.0.1:\(ports[0])"
      async let report = deliver(path, as: "m.mcap", endpoint: endpoint, Self.options(attempts: 10_000))
      #expect(await Wait.until { self.notices.all.count >= 3 })
      #expect(notices.all.allSatisfy { $0.contains("the connection to \(endpoint) failed: Connection refused") })
      let late = try await SeaweedServer.start(on: ports)
      let result = try await report.result
      #expect(result.delivered, "\(result)")
      #expect(try late.object("\(prefix)/m.mcap").sha256 == Self.sha256(bytes))
      await late.stop()
    }

    @Test func `a store that stays away is given up in time, and the file remains`() async throws {
      let path = try folder.write("x", to: "m.mcap")
      let dead = try SeaweedServer.freePorts(1)[0]
      let report = try await deliver(
        path,
        as: "m.mcap",
        endpoint: "http://127.0.0.1:\(dead)",
        Self.options(total: .milliseconds(300), attempts: 10_000)
      )
      #expect(!report.result.delivered && !report.isAboutFile)
      #expect(report.result.error == "the connection to http://127.0.0.1:\(dead) failed: Connection refused")
      #expect(folder.contents == ["m.mcap"])
    }

    @Test func `a delivery that is called off ends at once`() async throws {
      let path = try folder.write("x", to: "m.mcap")
      let proxy = try await FaultyProxy.start(before: server.port, [["do": .string("hang")]])
      let target = try target(proxy.endpoint)
      let delivery = Delivery(options: Self.options())
      let task = Task { await delivery.deliver(try DeliverableFile(path: path), as: "m.mcap", to: target) }
      #expect(await Wait.until { proxy.requests.count == 1 })
      task.cancel()
      #expect(try await task.value.result.error == "it was interrupted")
      await delivery.close()
    }

    // MARK: - Keys

    @Test(arguments: [
      (SeaweedServer.accessKeyID, "wrong", "the secret key is wrong"),
      ("AKIANOBODY", SeaweedServer.secretAccessKey, "the store does not know the access key"),
    ])
    func `wrong keys are said to be wrong, at once`(id: String, secret: String, says: String) async throws {
      let path = try folder.write("x", to: "m.mcap")
      let report = try await deliver(path, as: "m.mcap", Self.options(StoreCredentials(accessKeyID: id, secretAccessKey: secret)))
      #expect(!report.result.delivered && !report.isAboutFile)
      #expect(report.result.error?.contains(says) == true, "\(report.result.error ?? "")")
      #expect(notices.all.isEmpty)
    }

    // MARK: - Tickets

    private func ticket(_ name: String, maxBytes: Int = 1 << 20, endpoint: String? = nil) async throws -> UploadTicket {
      guard case .store(let store) = try target(endpoint) else { throw DeliveryError("no store") }
      return try await UploadTicket.make(
        name: name,
        in: store,
        credentials: .fixed(Self.credentials),
        validity: .seconds(600),
        maxBytes: maxBytes
      )
    }

    /// What another process would read.
    private static func handedOver(_ ticket: UploadTicket, _ change: (inout [String: JSONValue]) -> Void = { _ in }) throws
      -> UploadTicket
    {
      guard case .object(var members) = ticket.json else { throw DeliveryError("no object") }
      change(&members)
      return try JSONDecoder().decode(UploadTicket.self, from: JSONEncoder().encode(JSONValue.object(members)))
    }

    /// Options without keys: there are none where tickets are used.
    private static let withoutKeys = options(StoreCredentials(accessKeyID: "", secretAccessKey: ""), readsBack: true)

    @Test func `a ticket puts its one object, without keys`() async throws {
      let bytes = ScratchFolder.bytes(50_000)
      let path = try folder.write(bytes, to: "m.json")
      let ticket = try Self.handedOver(await ticket("m.json"))
      let report = try await deliver(path, by: ticket, Self.withoutKeys)
      #expect(report.result.delivered && report.result.url == "s3://replays/\(prefix)/m.json", "\(report)")
      #expect(try server.object("\(prefix)/m.json").content_type == "application/json")
      try expectStored("m.json", bytes)
      #expect(try await deliver(path, by: ticket, Self.withoutKeys).wasThere)
    }

    @Test func `a ticket with parts brings a large file, and goes on where it was cut off`() async throws {
      let bytes = ScratchFolder.bytes(66 << 20)
      let path = try folder.write(bytes, to: "m.mcap")
      let proxy = try await FaultyProxy.start(before: server.port, [["has": .string("partNumber=5&"), "do": .string("drop")]])
      let ticket = try Self.handedOver(await ticket("m.mcap", maxBytes: 100 << 20, endpoint: proxy.endpoint))
      var options = Self.withoutKeys
      options.retry.attempts = 2
      let first = try await deliver(path, by: ticket, options)
      #expect(!first.result.delivered)
      let taken = proxy.partsTaken
      #expect(taken.contains(1) && !taken.contains(5))
      try proxy.set([])
      let second = try await deliver(path, by: ticket, Self.withoutKeys)
      #expect(second.result.delivered && second.resumedParts == taken.count, "\(second)")
      #expect(proxy.partsTaken.sorted() == Array(1...9))
      try expectStored("m.mcap", bytes)
      #expect(try server.object("\(prefix)/m.mcap").content_type == "application/octet-stream")
    }

    @Test func `a small file by a ticket for a large one leaves no upload behind`() async throws {
      let path = try folder.write("small", to: "m.mcap")
      let ticket = try await ticket("m.mcap", maxBytes: 100 << 20)
      #expect(try server.uploads().contains("\(prefix)/m.mcap"))
      #expect(try await deliver(path, by: ticket, Self.withoutKeys).result.delivered)
      #expect(try !server.uploads().contains("\(prefix)/m.mcap"))
    }

    @Test func `a ticket that has expired is said to have expired: here, and by the store`() async throws {
      let path = try folder.write("x", to: "m.mcap")
      let ticket = try await ticket("m.mcap")
      let expired = try Self.handedOver(ticket) { $0["expires_at"] = .integer(1_700_000_000) }
      let here = try await deliver(path, by: expired, Self.withoutKeys)
      #expect(here.result.error == "the ticket for s3://replays/\(prefix)/m.mcap expired at 2023-11-14T22:13:20Z")

      guard case .store(let store) = try target() else { return }
      var access = KeyedAccess(store: store, name: "m.mcap", credentials: .fixed(Self.credentials), headers: [("content-type", "application/octet-stream")], validity: .seconds(60))
      access.date = { Date(timeIntervalSinceNow: -3600) }
      let urls = try ["put": access.request(.put), "head": access.request(.head), "get": access.request(.get)]
      let stale = try Self.handedOver(ticket) { members in
        for (key, request) in urls { members[key] = .string(request.url.secretText) }
      }
      let there = try await deliver(path, by: stale, Self.withoutKeys)
      #expect(there.result.error?.contains("the ticket or signature has expired: status 403, AccessDenied") == true, "\(there)")
    }

    @Test func `a ticket is not for a larger file, nor for another object`() async throws {
      let path = try folder.write(ScratchFolder.bytes(2000), to: "m.mcap")
      let small = try await deliver(path, by: try await ticket("m.mcap", maxBytes: 1000), Self.withoutKeys)
      #expect(small.result.error == "the file has 2000 bytes, the ticket is for at most 1000")
      let bent = try Self.handedOver(await ticket("m.mcap")) { members in
        for key in ["put", "head", "get"] {
          guard case .string(let url) = members[key] else { continue }
          members[key] = .string(url.replacingOccurrences(of: "m.mcap", with: "other.mcap"))
        }
      }
      let report = try await deliver(path, by: bent, Self.withoutKeys)
      #expect(report.result.error?.contains("the ticket is not for this request") == true)
      #expect(try !server.keys().contains("\(prefix)/other.mcap"))
    }
  }
}

import ArenaCore
import Foundation
import TestSupport
import Testing

@testable import ReplayDelivery

/// Networks and stores in trouble.
extension SeaweedTests.StoreDeliveryTests {
  @Test(
    arguments: [
      ["method": .string("PUT"), "do": .string("drop"), "times": .integer(2)],
      ["method": .string("PUT"), "do": .string("lose"), "times": .integer(2)],
      ["method": .string("PUT"), "do": .string("corrupt"), "times": .integer(2)],
      ["do": .string("status"), "status": .integer(503), "times": .integer(3)],
      ["do": .string("status"), "status": .integer(500), "times": .integer(3)],
      [
        "method": .string("PUT"), "do": .string("status"), "status": .integer(429), "retry_after": .integer(1),
        "times": .integer(1),
      ],
      [
        "method": .string("PUT"), "do": .string("status"), "status": .integer(400), "times": .integer(2),
        "body": .string("<Error><Code>RequestTimeout</Code><Message>Too slow</Message></Error>"),
      ],
    ] as [[String: JSONValue]]
  )
  func `a small file arrives in spite of a fault`(fault: [String: JSONValue]) async throws {
    let bytes = ScratchFolder.bytes(300_000)
    let path = try folder.write(bytes, to: "m.mcap")
    let proxy = try await FaultyProxy.start(before: server.port, [fault])
    let report = try await deliver(path, as: "m.mcap", endpoint: proxy.endpoint)
    #expect(report.result.delivered, "\(report)")
    try await expectStored("m.mcap", bytes)
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
    try await expectStored("m.mcap", bytes)
  }

  @Test func `bytes that are wrong every time are refused every time, and the file is said not to have arrived`()
    async throws
  {
    let path = try folder.write("the replay", to: "m.mcap")
    let proxy = try await FaultyProxy.start(
      before: server.port,
      [["method": .string("PUT"), "do": .string("corrupt")]]
    )
    let report = try await deliver(path, as: "m.mcap", endpoint: proxy.endpoint, Self.options(attempts: 4))
    #expect(!report.result.delivered)
    #expect(report.result.error?.contains("the store received other bytes than the file has") == true)
    #expect(report.result.error?.contains("BadDigest") == true)
    #expect(proxy.requests.filter { $0.method == "PUT" }.count == 4)
    #expect(try await !server.keys().contains("\(prefix)/m.mcap"))
  }

  @Test func `what was cut off goes on with the parts that are missing`() async throws {
    let bytes = ScratchFolder.bytes(40 << 20)
    let path = try folder.write(bytes, to: "m.mcap")
    let proxy = try await FaultyProxy.start(
      before: server.port,
      [
        ["has": .string("partNumber=4&"), "do": .string("drop")],
        ["has": .string("partNumber=5&"), "do": .string("drop")],
      ]
    )
    let first = try await deliver(path, as: "m.mcap", endpoint: proxy.endpoint, Self.options(attempts: 3))
    let taken = proxy.partsTaken
    #expect(!first.result.delivered && !taken.isEmpty && !taken.contains(4) && !taken.contains(5))
    #expect(folder.contents == [".m.mcap.upload", "m.mcap"])
    let record = try String(contentsOfFile: folder.path(".m.mcap.upload"), encoding: .utf8)
    #expect(!record.contains("X-Amz") && !record.contains(SeaweedServer.accessKeyID))
    try proxy.set([])
    let second = try await deliver(path, as: "m.mcap", endpoint: proxy.endpoint)
    // A part may have arrived without anybody hearing of it.
    #expect(second.result.delivered && second.resumedParts >= taken.count)
    #expect(second.resumedParts + second.sentParts == 5)
    #expect(Set(proxy.partsTaken).count == proxy.partsTaken.count, "a part is sent twice")
    #expect(folder.contents == ["m.mcap"])
    try await expectStored("m.mcap", bytes)
  }

  @Test func `parts of what the file was before are not used, and not left in the store`() async throws {
    let path = try folder.write(ScratchFolder.bytes(40 << 20), to: "m.mcap")
    let proxy = try await FaultyProxy.start(
      before: server.port,
      [["has": .string("partNumber=3&"), "do": .string("drop")]]
    )
    let first = try await deliver(path, as: "m.mcap", endpoint: proxy.endpoint, Self.options(attempts: 2))
    #expect(!first.result.delivered)
    #expect(try await server.uploads().contains("\(prefix)/m.mcap"))
    try proxy.set([])
    let other = ScratchFolder.bytes(40 << 20)
    try folder.write(other, to: "m.mcap")
    let second = try await deliver(path, as: "m.mcap", endpoint: proxy.endpoint)
    #expect(second.result.delivered && second.resumedParts == 0 && second.sentParts == 5)
    #expect(try await !server.uploads().contains("\(prefix)/m.mcap"))
    try await expectStored("m.mcap", other)
  }

  @Test(arguments: ["not JSON", "{}", #"{"upload_id": 7}"#])
  func `a record that cannot be used is no obstacle`(record: String) async throws {
    let bytes = ScratchFolder.bytes(17 << 20)
    let path = try folder.write(bytes, to: "m.mcap")
    try folder.write(record, to: ".m.mcap.upload")
    let report = try await deliver(path, as: "m.mcap")
    #expect(report.result.delivered && report.sentParts == 3)
    try await expectStored("m.mcap", bytes)
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
    try await expectStored("m.mcap", bytes)
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
    #expect(try await late.object("\(prefix)/m.mcap").sha256 == Self.sha256(bytes))
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
}

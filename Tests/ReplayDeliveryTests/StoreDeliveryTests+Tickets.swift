import ArenaCore
import Foundation
import TestSupport
import Testing

@testable import ReplayDelivery

/// Deliveries by ticket.
extension SeaweedTests.StoreDeliveryTests {
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
  private static func handedOver(_ ticket: UploadTicket, _ change: (inout [String: JSONValue]) -> Void = { _ in })
    throws
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
    #expect(try await server.object("\(prefix)/m.json").content_type == "application/json")
    try await expectStored("m.json", bytes)
    #expect(try await deliver(path, by: ticket, Self.withoutKeys).wasThere)
  }

  @Test func `a ticket with parts brings a large file, and goes on where it was cut off`() async throws {
    let bytes = ScratchFolder.bytes(66 << 20)
    let path = try folder.write(bytes, to: "m.mcap")
    let proxy = try await FaultyProxy.start(
      before: server.port,
      [["has": .string("partNumber=5&"), "do": .string("drop")]]
    )
    let ticket = try Self.handedOver(await ticket("m.mcap", maxBytes: 100 << 20, endpoint: proxy.endpoint))
    var options = Self.withoutKeys
    options.retry.attempts = 2
    let first = try await deliver(path, by: ticket, options)
    #expect(!first.result.delivered)
    let taken = proxy.partsTaken
    #expect(!taken.isEmpty && !taken.contains(5))
    try proxy.set([])
    let second = try await deliver(path, by: ticket, Self.withoutKeys)
    // A part may have arrived without anybody hearing of it.
    #expect(second.result.delivered && second.resumedParts >= taken.count, "\(second)")
    #expect(second.resumedParts + second.sentParts == 9)
    #expect(Set(proxy.partsTaken).count == proxy.partsTaken.count, "a part is sent twice")
    try await expectStored("m.mcap", bytes)
    #expect(try await server.object("\(prefix)/m.mcap").content_type == "application/octet-stream")
  }

  @Test func `a small file by a ticket for a large one leaves no upload behind`() async throws {
    let path = try folder.write("small", to: "m.mcap")
    let ticket = try await ticket("m.mcap", maxBytes: 100 << 20)
    #expect(try await server.uploads().contains("\(prefix)/m.mcap"))
    #expect(try await deliver(path, by: ticket, Self.withoutKeys).result.delivered)
    #expect(try await !server.uploads().contains("\(prefix)/m.mcap"))
  }

  @Test func `a ticket that has expired is said to have expired: here, and by the store`() async throws {
    let path = try folder.write("x", to: "m.mcap")
    let ticket = try await ticket("m.mcap")
    let expired = try Self.handedOver(ticket) { $0["expires_at"] = .integer(1_700_000_000) }
    let here = try await deliver(path, by: expired, Self.withoutKeys)
    #expect(here.result.error == "the ticket for s3://replays/\(prefix)/m.mcap expired at 2023-11-14T22:13:20Z")

    guard case .store(let store) = try target() else { return }
    var access = KeyedAccess(
      store: store,
      name: "m.mcap",
      credentials: .fixed(Self.credentials),
      headers: [("content-type", "application/octet-stream")],
      validity: .seconds(60)
    )
    access.date = { Date(timeIntervalSinceNow: -3600) }
    let urls = try ["put": access.request(.put), "head": access.request(.head), "get": access.request(.get)]
    let stale = try Self.handedOver(ticket) { members in
      for (key, request) in urls { members[key] = .string(request.url.secretText) }
    }
    let there = try await deliver(path, by: stale, Self.withoutKeys)
    #expect(
      there.result.error?.contains("the ticket or signature has expired: status 403, AccessDenied") == true,
      "\(there)"
    )
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
    #expect(try await !server.keys().contains("\(prefix)/other.mcap"))
  }
}

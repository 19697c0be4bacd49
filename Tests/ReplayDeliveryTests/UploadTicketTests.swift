import ArenaCore
import Foundation
import Testing

@testable import ReplayDelivery

/// Tickets: what is in them, what is refused, what they never show.
@Suite struct UploadTicketTests {
  static func make(name: String = "m.mcap", validity: Duration = .seconds(600), maxBytes: Int = 1 << 20) async throws
    -> UploadTicket
  {
    try await UploadTicket.make(
      name: name,
      in: ObjectStore(url: "s3://replays/x", endpoint: "http://127.0.0.1:1"),
      credentials: .fixed(StoreCredentials(accessKeyID: "AKIAEXAMPLE", secretAccessKey: "hush")),
      validity: validity,
      maxBytes: maxBytes
    )
  }

  private static func members(_ ticket: UploadTicket) -> [String: JSONValue] {
    guard case .object(let members) = ticket.json else { return [:] }
    return members
  }

  /// A ticket with three parts, as a store's would be.
  private static func withParts() async throws -> [String: JSONValue] {
    var members = members(try await make())
    let url = JSONValue.string("http://127.0.0.1:1/replays/x/m.mcap?partNumber=1")
    members["max_bytes"] = .integer(24 << 20)
    members["multipart"] = .object([
      "upload_id": .string("u"), "part_bytes": .integer(8 << 20), "parts": .array([url, url, url]),
      "list": .array([url]), "complete": url, "abort": url,
    ])
    return members
  }

  private static func read(_ members: [String: JSONValue]) throws -> UploadTicket {
    try UploadTicket(reading: FieldReader(.object(members)))
  }

  @Test func `a ticket survives being written as JSON and read`() async throws {
    let ticket = try await Self.make(name: "replays/m.json")
    let copy = try JSONDecoder().decode(UploadTicket.self, from: JSONEncoder().encode(ticket))
    #expect(copy == ticket)
    #expect(copy.name == "m.json" && copy.location == "s3://replays/x/replays/m.json")
    #expect(copy.headers == ["content-type": "application/json"])
    #expect(abs(copy.expiresAt - Date().timeIntervalSince1970 - 600) < 60)
    let parts = try Self.read(await Self.withParts())
    #expect(try JSONDecoder().decode(UploadTicket.self, from: JSONEncoder().encode(parts)) == parts)
    #expect(parts.multipart?.parts.count == 3)
  }

  @Test func `a ticket shows what it is for, and none of its URLs`() async throws {
    let ticket = try await Self.make()
    var dumped = ""
    dump(ticket, to: &dumped)
    for text in ["\(ticket)", String(reflecting: ticket), dumped] {
      #expect(!text.contains("X-Amz") && !text.contains("AKIA"), "\(text)")
    }
    #expect("\(ticket)" == "a ticket for s3://replays/x/m.mcap")
    // The key itself is in no part of it.
    #expect(!String(decoding: try JSONEncoder().encode(ticket), as: UTF8.self).contains("hush"))
  }

  @Test func `an access by ticket goes as far as the ticket, and as long`() async throws {
    let ticket = try Self.read(await Self.withParts())
    var access = TicketAccess(ticket: ticket)
    #expect(try access.request(.put).url == ticket.put)
    #expect(try access.request(.put).headers.map(\.name) == ["content-type"])
    #expect(try access.request(.head).headers.isEmpty)
    #expect(try access.request(.putPart(3, upload: "u")).method == "PUT")
    #expect(throws: DeliveryError.self) { try access.request(.putPart(4, upload: "u")) }
    #expect(throws: DeliveryError.self) { try access.request(.createUpload) }
    #expect(throws: DeliveryError.self) { try access.request(.listParts(after: 1000, upload: "u")) }
    access.date = { Date(timeIntervalSince1970: ticket.expiresAt + 1) }
    let error = #expect(throws: DeliveryError.self) { try access.request(.put) }
    #expect(error?.description.contains("the ticket for s3://replays/x/m.mcap expired at 20") == true)
  }

  @Test func `no member may be missing`() async throws {
    let members = try await Self.withParts()
    for key in members.keys where !["headers", "multipart"].contains(key) {
      let error = #expect(throws: FieldError.self) { try Self.read(members.filter { $0.key != key }) }
      #expect(error?.field == key)
    }
    guard case .object(let parts) = members["multipart"] else { return }
    for key in parts.keys {
      var broken = members
      broken["multipart"] = .object(parts.filter { $0.key != key })
      let error = #expect(throws: FieldError.self) { try Self.read(broken) }
      #expect(error?.field == "multipart.\(key)")
    }
  }

  @Test(arguments: [
    ("version", JSONValue.integer(2)), ("name", .string("../m.mcap")), ("name", .string("a/m.mcap")),
    ("name", .string(".m")),
    ("name", .string("")), ("location", .string("http://h/x?X-Amz-Signature=1")), ("location", .string("s3://a\nb")),
    ("expires_at", .string("soon")), ("expires_at", .integer(-1)), ("max_bytes", .integer(0)),
    ("max_bytes", .number(1e30)), ("put", .string("ftp://h/x")), ("put", .string("file:///etc/passwd")),
    ("put", .string("http:///x")), ("put", .string("http://a b/x")), ("put", .string("http://h/x\r\nHost: y")),
    ("put", .string("http://user@127.0.0.1:1/x")), ("put", .integer(1)),
    ("put", .string("https://127.0.0.1:1/x?secret")),
    ("head", .string("http://elsewhere/x")), ("headers", .object(["a b": .string("x")])),
    ("headers", .object(["a": .string("x\r\ny: z")])), ("headers", .object(["a": .integer(1)])),
    ("headers", .object(Dictionary(uniqueKeysWithValues: (0..<17).map { ("h\($0)", .string("")) }))),
    ("multipart", .array([])),
  ])
  func `what is not allowed is refused by the name of its member, and no URL is repeated`(key: String, value: JSONValue)
    async throws
  {
    var members = Self.members(try await Self.make())
    members[key] = value
    let error = #expect(throws: FieldError.self) { try Self.read(members) }
    #expect(error?.field.hasPrefix(key) == true || key == "head", "\(error?.description ?? "")")
    if case .string(let text) = value, text.contains("://"), key != "location" {
      #expect(error?.description.contains(text) == false)
    }
  }

  @Test(arguments: [
    ("upload_id", JSONValue.string("")), ("part_bytes", .integer(1)), ("part_bytes", .integer(16 << 20)),
    ("parts", .array([])), ("parts", .array(Array(repeating: .string("http://127.0.0.1:1/"), count: 4))),
    ("parts", .array([.integer(1), .integer(2), .integer(3)])), ("list", .array([])),
    ("list", .array(Array(repeating: .string("http://127.0.0.1:1/"), count: 11))),
    ("complete", .string("http://elsewhere/")), ("abort", .string("x")),
  ])
  func `parts that do not fit are refused`(key: String, value: JSONValue) async throws {
    var members = try await Self.withParts()
    guard case .object(var parts) = members["multipart"] else { return }
    parts[key] = value
    members["multipart"] = .object(parts)
    #expect(throws: FieldError.self) { try Self.read(members) }
  }

  @Test func `nobody can make a ticket for a large file while the store is away, and is told why`() async throws {
    let error = await #expect(throws: DeliveryError.self) { _ = try await Self.make(maxBytes: 100 << 20) }
    #expect(error?.description.contains("no ticket for s3://replays/x/m.mcap") == true)
    #expect(error?.description.contains("Connection refused") == true)
  }
}

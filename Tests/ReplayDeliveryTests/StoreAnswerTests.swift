import ArenaCore
import Foundation
import Testing

@testable import ReplayDelivery

/// What stores say, and what is made of it.
@Suite struct StoreAnswerTests {
  /// An answer, and what must follow from it.
  struct Case: Sendable, CustomTestStringConvertible {
    var status: Int
    var code: String
    var kind: UploadFailure.Kind
    var says: String
    var message = "Some words."

    var testDescription: String { "\(status) \(code)" }
  }

  static let cases: [Case] = [
    Case(status: 503, code: "SlowDown", kind: .slowDown, says: "asks for less"),
    Case(status: 503, code: "", kind: .slowDown, says: "asks for less"),
    Case(status: 429, code: "", kind: .slowDown, says: "asks for less"),
    Case(status: 500, code: "InternalError", kind: .transient, says: "status 500, InternalError (Some words)"),
    Case(status: 502, code: "", kind: .transient, says: "status 502"),
    Case(status: 504, code: "", kind: .transient, says: "status 504"),
    Case(status: 408, code: "", kind: .transient, says: "status 408"),
    Case(status: 400, code: "RequestTimeout", kind: .transient, says: "RequestTimeout"),
    Case(status: 400, code: "BadDigest", kind: .transient, says: "other bytes"),
    Case(status: 409, code: "OperationAborted", kind: .transient, says: "OperationAborted"),
    Case(status: 200, code: "InternalError", kind: .transient, says: "InternalError"),
    Case(status: 200, code: "Whatever", kind: .transient, says: "Whatever"),
    Case(status: 404, code: "NoSuchUpload", kind: .noSuchUpload, says: "no such multi-part upload"),
    Case(status: 404, code: "NoSuchBucket", kind: .refused, says: "no such bucket"),
    Case(status: 404, code: "NoSuchKey", kind: .notFound, says: "does not have it"),
    Case(status: 403, code: "InvalidAccessKeyId", kind: .refused, says: "does not know the access key"),
    Case(status: 403, code: "SignatureDoesNotMatch", kind: .refused, says: "the secret key is wrong"),
    Case(status: 403, code: "RequestTimeTooSkewed", kind: .refused, says: "clock"),
    Case(status: 400, code: "ExpiredToken", kind: .refused, says: "session token has expired"),
    Case(
      status: 403,
      code: "AccessDenied",
      kind: .refused,
      says: "signature has expired",
      message: "Request has expired"
    ),
    Case(status: 403, code: "AccessDenied", kind: .refused, says: "does not allow it"),
    Case(status: 400, code: "EntityTooLarge", kind: .refused, says: "EntityTooLarge"),
    Case(status: 301, code: "PermanentRedirect", kind: .refused, says: "region or endpoint"),
    Case(status: 501, code: "NotImplemented", kind: .refused, says: "cannot do this"),
  ]

  private static func answer(_ status: Int, _ code: String, _ message: String, headers: [String: String] = [:])
    -> StoreAnswer
  {
    let text =
      "<?xml version=\"1.0\"?>\n<Error><Code>\(code)</Code><Message>\(message)</Message><Resource>/b/k</Resource></Error>"
    return StoreAnswer(status: status, headers: headers, body: code.isEmpty ? [] : Array(text.utf8))
  }

  @Test(arguments: cases)
  func `every error has its consequence and its sentence`(entry: Case) throws {
    let failure = try #require(Self.answer(entry.status, entry.code, entry.message).failure)
    #expect(failure.kind == entry.kind)
    #expect(failure.reason.contains(entry.says), "\(failure.reason)")
    #expect(!failure.reason.contains("\n") && !failure.reason.hasSuffix("."))
  }

  @Test(arguments: [200, 204, 206])
  func `success is no failure`(status: Int) {
    #expect(StoreAnswer(status: status).failure == nil)
    let completed = "<CompleteMultipartUploadResult><ETag>x</ETag></CompleteMultipartUploadResult>"
    #expect(StoreAnswer(status: status, body: Array(completed.utf8)).failure == nil)
  }

  @Test(arguments: [("7", Duration.seconds(7)), ("0", .zero), ("100000", .seconds(300)), ("-5", .zero), ("soon", nil)])
  func `Retry-After is believed within bounds`(value: String, wait: Duration?) {
    #expect(Self.answer(503, "SlowDown", "", headers: ["retry-after": value]).failure?.retryAfter == wait)
  }

  @Test func `nothing that looks like a signed URL is repeated, whatever the store says`() throws {
    let message =
      "see http://host/k?X-Amz-Signature=abcdef and X-Amz-Credential=AKIA&#10;or\u{7}\nthat "
      + String(repeating: "x", count: 500)
    let reason = try #require(Self.answer(400, "Odd", message).failure?.reason)
    #expect(!reason.contains("abcdef") && !reason.contains("AKIA"))
    #expect(reason.count < 300)
    #expect(reason.unicodeScalars.allSatisfy { $0.value >= 0x20 })
  }

  @Test(arguments: [
    "", "no xml", "<Error><Code>SlowDown</Code>", "<a>", "\u{0}\u{1}",
    "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><Error><Code>&e;</Code></Error>",
  ])
  func `an answer that is no XML, or breaks off, is read as far as it goes`(text: String) throws {
    let failure = try #require(StoreAnswer(status: 400, body: Array(text.utf8)).failure)
    #expect(failure.reason.contains("status 400") || failure.kind == .slowDown)
    #expect(!failure.reason.contains("root:"))
  }

  @Test func `a listing of parts is read`() {
    let text = """
      <?xml version="1.0" encoding="UTF-8"?>
      <ListPartsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><UploadId>u</UploadId><IsTruncated>false</IsTruncated>
      <Part><ETag>&#34;49f68a5c8493ec2c0bf489821c21fc3b&#34;</ETag><LastModified>2026</LastModified><PartNumber>1</PartNumber><Size>7</Size></Part>
      <Part><PartNumber>x</PartNumber><Size>7</Size></Part>
      <Part><PartNumber>3</PartNumber><ETag>"e&amp;f"</ETag><Size>9</Size></Part></ListPartsResult>
      """
    let document = StoreDocument(Array(text.utf8))
    #expect(document.root == "ListPartsResult" && document.values["UploadId"] == "u")
    #expect(
      document.parts == [
        .init(number: 1, size: 7, entityTag: "\"49f68a5c8493ec2c0bf489821c21fc3b\""),
        .init(number: 3, size: 9, entityTag: "\"e&f\""),
      ]
    )
  }

  // MARK: - Stored objects

  private static let digests = FileDigests(
    size: 2,
    sha256: "8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4",
    md5: [[0x49, 0xF6, 0x8A, 0x5C, 0x84, 0x93, 0xEC, 0x2C, 0x0B, 0xF4, 0x89, 0x82, 0x1C, 0x21, 0xFC, 0x3B]],
    isMultipart: false
  )

  private static func object(_ headers: [String: String]) -> StoredObject {
    StoredObject(StoreAnswer(status: 200, headers: headers))
  }

  @Test func `an object is the file's where size and a checksum agree`() {
    let tag = ["etag": "\"49f68a5c8493ec2c0bf489821c21fc3b\"", "content-length": "2"]
    #expect(Self.object(tag).isSame(as: Self.digests))
    #expect(Self.object(["content-length": "2", "x-amz-meta-sha256": Self.digests.sha256]).isSame(as: Self.digests))
    #expect(!Self.object(["content-length": "2"]).isSame(as: Self.digests))
    #expect(Self.object(["content-length": "2"]).difference(from: Self.digests) == nil)
    #expect(!Self.object(tag.merging(["content-length": "3"]) { $1 }).isSame(as: Self.digests))
    #expect(!Self.object(tag.merging(["x-amz-meta-sha256": "aa"]) { $1 }).isSame(as: Self.digests))
    let changed = tag.merging([
      "etag": "\"00f68a5c8493ec2c0bf489821c21fc3b\"", "x-amz-meta-sha256": Self.digests.sha256,
    ]) { $1 }
    #expect(Self.object(changed).difference(from: Self.digests)?.contains("checksum") == true)
  }

  @Test(arguments: ["aws:kms", "aws:kms:dsse"])
  func `a tag that is no MD5 says nothing`(encryption: String) {
    let headers = ["etag": "\"00f68a5c8493ec2c0bf489821c21fc3b\"", "content-length": "2"]
    #expect(Self.object(headers).difference(from: Self.digests) != nil)
    let encrypted = headers.merging(["x-amz-server-side-encryption": encryption]) { $1 }
    #expect(Self.object(encrypted).difference(from: Self.digests) == nil)
    #expect(!Self.object(encrypted).isSame(as: Self.digests))
    // Of other parts than the file has.
    let parts = ["etag": "\"00f68a5c8493ec2c0bf489821c21fc3b-3\"", "content-length": "2"]
    #expect(Self.object(parts).difference(from: Self.digests) == nil)
  }
}

import ArenaCore
import Foundation
import TestSupport
import Testing

@testable import ReplayDelivery

/// Signatures against Amazon's published examples, and against botocore's.
@Suite struct SignatureV4Tests {
  private static func date(_ text: String) throws -> Date { try Date(text, strategy: .iso8601) }

  @Test func `the published example of a presigned URL comes out as published`() throws {
    // "Authenticating Requests: Using Query Parameters", Amazon S3 API reference.
    let signature = SignatureV4(
      credentials: StoreCredentials(
        accessKeyID: "AKIAIOSFODNN7EXAMPLE",
        secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
      ),
      region: "us-east-1",
      date: try Self.date("2013-05-24T00:00:00Z")
    )
    let request = SignatureV4.Request(method: "GET", host: "examplebucket.s3.amazonaws.com", path: "/test.txt")
    let url = signature.presign(request, validity: .seconds(86_400)).secretText
    #expect(
      url == "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
        + "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
        + "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
        + "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
    )
  }

  @Test func `the published example of a signing key comes out as published`() throws {
    // "Examples of how to derive a signing key for Signature Version 4", AWS general reference.
    let signature = SignatureV4(
      credentials: StoreCredentials(
        accessKeyID: "AKIDEXAMPLE",
        secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
      ),
      region: "us-east-1",
      service: "iam",
      date: try Self.date("2015-08-30T12:36:00Z")
    )
    let key = signature.signingKey.withUnsafeBytes { Array($0).hexadecimalDigits }
    #expect(key == "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9")
  }

  @Test(arguments: [(0, "1"), (1, "1"), (7 * 86_400, "604800"), (8 * 86_400, "604800")])
  func `no URL is good for less than a second or more than a week`(seconds: Int, expires: String) throws {
    let signature = SignatureV4(
      credentials: StoreCredentials(accessKeyID: "A", secretAccessKey: "s"),
      region: "r",
      date: try Self.date("2026-01-01T00:00:00Z")
    )
    let url = signature.presign(.init(method: "GET", host: "h", path: "/"), validity: .seconds(seconds)).secretText
    #expect(url.contains("X-Amz-Expires=\(expires)&"))
  }

  // MARK: - Against botocore

  /// One store and its keys, with operations on objects.
  private struct Case: Codable {
    struct Request: Codable {
      var operation: String
      var key: String
      var upload = ""
      var number = 0
      var metadata = ""
      var contentType = ""
      /// What came out here.
      var url = ""
    }

    var endpoint: String?
    var region: String
    var bucket: String
    var isPathStyle: Bool
    var accessKeyID: String
    var secretAccessKey: String
    var sessionToken: String?
    var time: Int
    var expires: Int
    var requests: [Request] = []
  }

  private static let botocore = """
    import datetime, json, sys, urllib.parse
    import boto3, botocore.auth
    from botocore.config import Config

    def words(url):
        parts = urllib.parse.urlsplit(url)
        return parts.scheme, parts.netloc, parts.path, sorted(urllib.parse.parse_qsl(parts.query, keep_blank_values=True))

    calls = {
        "put": ("put_object", lambda r: dict(ContentType=r["contentType"], Metadata={"sha256": r["metadata"]})),
        "create": ("create_multipart_upload", lambda r: dict(ContentType=r["contentType"], Metadata={"sha256": r["metadata"]})),
        "part": ("upload_part", lambda r: dict(UploadId=r["upload"], PartNumber=r["number"])),
        "list": ("list_parts", lambda r: dict(UploadId=r["upload"], PartNumberMarker=r["number"], MaxParts=1000)),
        "complete": ("complete_multipart_upload", lambda r: dict(UploadId=r["upload"])),
        "abort": ("abort_multipart_upload", lambda r: dict(UploadId=r["upload"])),
        "head": ("head_object", lambda r: {}),
        "get": ("get_object", lambda r: {}),
    }
    differences = []
    count = 0
    for case in json.load(sys.stdin):
        now = datetime.datetime.fromtimestamp(case["time"], datetime.timezone.utc)
        botocore.auth.get_current_datetime = lambda remove_tzinfo=True: now.replace(tzinfo=None) if remove_tzinfo else now
        client = boto3.client(
            "s3", region_name=case["region"],
            # Left to itself, botocore has another name for us-east-1.
            endpoint_url=case.get("endpoint") or f"https://s3.{case['region']}.amazonaws.com",
            aws_access_key_id=case["accessKeyID"],
            aws_secret_access_key=case["secretAccessKey"], aws_session_token=case.get("sessionToken"),
            config=Config(signature_version="s3v4", s3={"addressing_style": "path" if case["isPathStyle"] else "virtual"}))
        for request in case["requests"]:
            name, more = calls[request["operation"]]
            theirs = client.generate_presigned_url(
                name, Params=dict(Bucket=case["bucket"], Key=request["key"], **more(request)), ExpiresIn=case["expires"])
            count += 1
            if words(theirs) != words(request["url"]):
                differences.append({"request": request, "botocore": theirs})
    json.dump({"count": count, "differences": differences[:5]}, sys.stdout)
    """

  private static func operation(_ request: Case.Request) -> ObjectOperation? {
    switch request.operation {
    case "put": .put
    case "create": .createUpload
    case "part": .putPart(request.number, upload: request.upload)
    case "list": .listParts(after: request.number, upload: request.upload)
    case "complete": .complete(upload: request.upload)
    case "abort": .abort(upload: request.upload)
    case "head": .head
    case "get": .get
    default: nil
    }
  }

  private static func text(_ alphabet: [Character], _ length: Int, _ generator: inout SplitMix64) -> String {
    String((0..<length).map { _ in alphabet[Int.random(in: alphabet.indices, using: &generator)] })
  }

  @Test func `every operation is signed as botocore signs it, whatever key, path and query`() async throws {
    var generator = SplitMix64(seed: 20_260_101)
    let hard = Array("aZ09-._~ +/%&=?#:;,@!$'()*[]{}|\\\"<>^`éß中🙂\u{301}e")
    let plain = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
    let secret = plain + Array("+/=")
    let operations = ["put", "create", "part", "list", "complete", "abort", "head", "get"]
    var cases: [Case] = []
    for number in 0..<10 {
      let endpoints: [String?] = [
        nil, "http://127.0.0.1:8333", "https://store.example.com", "http://store.example.com:9000",
      ]
      var entry = Case(
        endpoint: endpoints[number % 4],
        region: ["us-east-1", "eu-central-1", "ap-southeast-2"][number % 3],
        bucket: ["replays", "a-b.c-d.9", "my-bucket-1"][number % 3],
        isPathStyle: number % 4 == 1 || number % 3 == 1 || number % 2 == 0,
        accessKeyID: Self.text(plain, 20, &generator),
        secretAccessKey: Self.text(secret, 40, &generator),
        sessionToken: number % 2 == 0 ? nil : Self.text(secret, 300, &generator),
        time: Int.random(in: 1_000_000_000...4_000_000_000, using: &generator),
        expires: Int.random(in: 1...604_800, using: &generator)
      )
      let endpoint = entry.endpoint
      let region = entry.region
      let date = Date(timeIntervalSince1970: Double(entry.time))
      for _ in 0..<40 {
        var request = Case.Request(operation: operations[Int.random(in: 0..<8, using: &generator)], key: "")
        // A leading slash, a dot segment or a doubled slash would be normalised by some clients, and none is ever a replay's.
        let middle = Self.text(hard, Int.random(in: 1...40, using: &generator), &generator)
          .replacingOccurrences(of: "//", with: "/x")
        request.key = "k" + middle + "z"
        request.upload = Self.text(secret + ["_", "~", "."], Int.random(in: 1...80, using: &generator), &generator)
        request.number = Int.random(in: 1...10_000, using: &generator)
        request.metadata = Self.text(plain, 64, &generator)
        request.contentType =
          ["application/json", "text/html; charset=utf-8", "application/octet-stream"][request.number % 3]
        let store = try ObjectStore(
          url: "s3://\(entry.bucket)",
          endpoint: endpoint,
          region: region,
          addressing: entry.isPathStyle ? .path : .virtualHost
        )
        let access = KeyedAccess(
          store: store,
          name: request.key,
          credentials: .fixed(
            StoreCredentials(
              accessKeyID: entry.accessKeyID,
              secretAccessKey: entry.secretAccessKey,
              sessionToken: entry.sessionToken
            )
          ),
          headers: [("content-type", request.contentType), ("x-amz-meta-sha256", request.metadata)],
          validity: .seconds(entry.expires),
          date: { date }
        )
        request.url = try access.request(#require(Self.operation(request))).url.secretText
        entry.requests.append(request)
      }
      cases.append(entry)
    }
    let answer = try await TestPython.run(Self.botocore, input: JSONEncoder().encode(cases))
    let result = try JSONDecoder().decode([String: JSONValue].self, from: answer)
    #expect(result["count"] == .integer(400))
    #expect(result["differences"] == .array([]), "\(String(decoding: answer, as: UTF8.self))")
  }
}

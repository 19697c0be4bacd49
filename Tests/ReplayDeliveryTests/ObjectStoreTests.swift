import ArenaCore
import Foundation
import Testing

@testable import ReplayDelivery

/// Where stores are, and what they know us by.
@Suite struct ObjectStoreTests {
  @Test(
    arguments: [
      ("s3://replays", nil, "replays.s3.us-east-1.amazonaws.com", "/m.mcap"),
      ("s3://replays/a/b/", nil, "replays.s3.us-east-1.amazonaws.com", "/a/b/m.mcap"),
      ("s3://re.plays/a", nil, "s3.us-east-1.amazonaws.com", "/re.plays/a/m.mcap"),
      ("s3://replays/a", "http://127.0.0.1:8333", "127.0.0.1:8333", "/replays/a/m.mcap"),
      ("s3://replays/a", "https://store:443/", "store", "/replays/a/m.mcap"),
      ("s3://replays/a", "http://[::1]:80", "[::1]", "/replays/a/m.mcap"),
    ] as [(String, String?, String, String)]
  )
  func `a place is found where it is`(url: String, endpoint: String?, host: String, path: String) throws {
    let place = try ObjectStore(url: url, endpoint: endpoint).place("m.mcap")
    #expect(place == (host, path))
  }

  @Test func `a bucket is named in the host where that is wanted`() throws {
    let store = try ObjectStore(url: "s3://replays/a", endpoint: "https://store:9000", addressing: .virtualHost)
    #expect(store.place("m.mcap") == ("replays.store:9000", "/a/m.mcap"))
    #expect(store.location("m.mcap") == "s3://replays/a/m.mcap")
  }

  @Test(arguments: [
    "", "replays", "s3:/replays", "s3://", "s3://ab", "s3://Replays", "s3://-replays", "s3://replays-",
    "s3://re..plays",
    "s3://re_plays", "s3://replays/../x", "s3://replays/a//b", "s3://replays/./a", "s3://replays/a\nb",
    "http://replays",
    "s3://replays?x=1", "s3://user@replays/x", "s3://replays/" + String(repeating: "x", count: 600),
  ])
  func `what is no place is refused with what would be right`(url: String) {
    let error = #expect(throws: FieldError.self) { try ObjectStore(url: url) }
    #expect(error?.field == "url" && error?.allowed.contains("s3://BUCKET") == true)
  }

  @Test(arguments: [
    "", "host", "ftp://host", "http://", "http://host/path", "http://user:secret@host", "http://host?x", "http://ho st",
    "https://host#x",
  ])
  func `an endpoint is a scheme, a host and perhaps a port`(endpoint: String) {
    let error = #expect(throws: FieldError.self) { try ObjectStore(url: "s3://replays", endpoint: endpoint) }
    #expect(error?.field == "endpoint")
  }

  @Test func `the section of a configuration is read, and what is wrong there is named`() throws {
    func read(_ members: [String: JSONValue]) throws -> ObjectStore {
      try ObjectStore(reading: FieldReader(.object(members), path: "replay_store"))
    }
    let store = try read([
      "url": .string("s3://replays/x"), "endpoint": .string("http://h:1"), "region": .string("eu-1"),
      "addressing": .string("virtual-host"),
    ])
    #expect(store.description == "s3://replays/x at http://h:1")
    #expect(store.region == "eu-1" && store.addressing == .virtualHost)
    let mistakes: [([String: JSONValue], String)] = [
      ([:], "replay_store.url is missing"), (["url": .string("x")], "replay_store.url is \"x\""),
      (["url": .string("s3://replays"), "endpoint": .string("h")], "replay_store.endpoint is \"h\""),
      (["url": .string("s3://replays"), "region": .string("E U")], "replay_store.region is \"E U\""),
      (["url": .string("s3://replays"), "addressing": .string("dns")], "replay_store.addressing is \"dns\""),
    ]
    for (members, says) in mistakes {
      let error = #expect(throws: FieldError.self) { try read(members) }
      #expect(error?.description.hasPrefix(says) == true, "\(error?.description ?? "")")
    }
  }

  @Test(arguments: [
    ("s3://replays/x", true), ("file:///tmp/x", false), ("/tmp/x", false), ("x", false), ("./x y", false),
  ])
  func `a target is a store or a folder`(text: String, isStore: Bool) throws {
    switch try DeliveryTarget(text) {
    case .store: #expect(isStore)
    case .folder(let path):
      #expect(!isStore)
      #expect(path == text.replacingOccurrences(of: "file://", with: ""))
    }
  }

  @Test(arguments: ["", "file://", "file://relative", "https://host/x", "gs://bucket"])
  func `what is neither is refused`(text: String) {
    #expect(throws: FieldError.self) { try DeliveryTarget(text) }
  }

  // MARK: - Credentials

  @Test func `keys come from the environment, and what is missing is named`() throws {
    let all = ["AWS_ACCESS_KEY_ID": " AKIAEXAMPLE\n", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": ""]
    #expect(
      try StoreCredentials.Source.environment(all)
        == StoreCredentials(accessKeyID: "AKIAEXAMPLE", secretAccessKey: "secret")
    )
    let error = #expect(throws: DeliveryError.self) {
      try StoreCredentials.Source.environment(["AWS_ACCESS_KEY_ID": "AKIAEXAMPLE"])
    }
    #expect(error?.description.contains("AWS_SECRET_ACCESS_KEY is missing") == true)
  }

  @Test func `keys in files are read anew when they rotate`() throws {
    let folder = try ScratchFolder()
    let source = StoreCredentials.Source.folder(folder.url.path)
    let error = #expect(throws: DeliveryError.self) { try source.read() }
    #expect(error?.description.contains("\(folder.url.path)/AWS_ACCESS_KEY_ID is missing") == true)
    for (generation, token) in [("one", nil), ("two", "t"), ("three", nil)] {
      try folder.write("id-\(generation)\n", to: "AWS_ACCESS_KEY_ID")
      try folder.write("secret-\(generation)\n", to: "AWS_SECRET_ACCESS_KEY")
      if let token { try folder.write(token, to: "AWS_SESSION_TOKEN") } else { folder.remove("AWS_SESSION_TOKEN") }
      #expect(
        try source.read()
          == StoreCredentials(
            accessKeyID: "id-\(generation)",
            secretAccessKey: "secret-\(generation)",
            sessionToken: token
          )
      )
    }
  }

  @Test func `neither keys nor signed URLs can be printed by accident`() throws {
    let credentials = StoreCredentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "hush-hush", sessionToken: "quiet")
    let access = KeyedAccess(
      store: try ObjectStore(url: "s3://replays"),
      name: "m.mcap",
      credentials: .fixed(credentials),
      headers: []
    )
    let request = try access.request(.put)
    for value in [credentials, StoreCredentials.Source.fixed(credentials), access, request, request.url] as [Any] {
      var dumped = ""
      dump(value, to: &dumped)
      for text in ["\(value)", String(reflecting: value), dumped] {
        for secret in ["hush", "quiet", "X-Amz-Signature", "EXAMPLE"] { #expect(!text.contains(secret), "\(text)") }
      }
    }
    #expect(request.url.secretText.contains("X-Amz-Signature="))
  }
}

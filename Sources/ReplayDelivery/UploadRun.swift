internal import ArenaCore
internal import ArenaSystem
internal import Synchronization

/// Carries an `Upload` out: performs its steps over HTTP, waits where it says so, and tells it what came of each.
final class UploadRun: Sendable {
  private let file: DeliverableFile
  private let digests: FileDigests
  private let layout: PartLayout?
  private let access: any ObjectAccess
  private let client: StoreClient
  private let readsBack: Bool
  /// Whether parts that are there are those of this very file, as a record says; else their checksums must say so.
  private let knowsParts: Bool
  private let notice: @Sendable (String) -> Void
  private let began: @Sendable (String) -> Void
  /// The store's entity tag of each part.
  private let entityTags = Mutex<[Int: String]>([:])
  private let partsSent = Atomic(0)

  /// A run.
  ///
  /// - Parameters:
  ///   - notice: called with a line for each failure that is followed by another attempt.
  ///   - began: called with the name of a multi-part upload when there is one.
  init(
    file: DeliverableFile,
    digests: FileDigests,
    layout: PartLayout?,
    access: any ObjectAccess,
    client: StoreClient,
    readsBack: Bool,
    knowsParts: Bool,
    notice: @escaping @Sendable (String) -> Void,
    began: @escaping @Sendable (String) -> Void
  ) {
    self.file = file
    self.digests = digests
    self.layout = layout
    self.access = access
    self.client = client
    self.readsBack = readsBack
    self.knowsParts = knowsParts
    self.notice = notice
    self.began = began
  }

  /// Parts that were taken by the store in this run.
  var sentParts: Int { partsSent.load(ordering: .relaxed) }

  private enum Event: Sendable {
    case succeeded(Upload.Step, Upload.Answer)
    case failed(Upload.Step, UploadFailure)
    case woke
  }

  /// Carries `upload` out to its end, or until the task is cancelled.
  ///
  /// - Returns: the upload as it is then, with what came of it.
  func perform(_ upload: Upload) async -> (Upload, Upload.Outcome) {
    let start = MonotonicClock.now()
    return await withTaskGroup(of: Event.self) { group in
      var upload = upload
      var alarm: Duration?
      while true {
        let now = Duration.nanoseconds(MonotonicClock.now() - start)
        guard !Task.isCancelled else {
          group.cancelAll()
          return (upload, .failed(reason: "it was interrupted", isTransient: true))
        }
        switch upload.next(at: now) {
        case .finish(let outcome):
          group.cancelAll()
          return (upload, outcome)
        case .start(let step):
          let id = upload.uploadID
          group.addTask { await self.perform(step, upload: id) }
          continue
        case .wait(let moment):
          // An alarm that is set for earlier, or for the same moment, does as well.
          if alarm.map({ $0 > moment }) ?? true {
            alarm = moment
            group.addTask {
              try? await Task.sleep(for: max(.zero, moment - now))
              return .woke
            }
          }
        }
        let elapsed = { Duration.nanoseconds(MonotonicClock.now() - start) }
        switch await group.next() {
        case .succeeded(let step, let answer): upload.succeeded(step, answer)
        case .failed(let step, let failure):
          let before = upload.retryCount
          upload.failed(step, failure, at: elapsed())
          if upload.retryCount > before { notice("\(access.location): trying again, as \(failure.reason)") }
        case .woke, nil: alarm = nil
        }
      }
    }
  }

  private func perform(_ step: Upload.Step, upload: String?) async -> Event {
    do throws(UploadFailure) {
      return .succeeded(step, try await answer(to: step, upload: upload ?? ""))
    } catch {
      return .failed(step, error)
    }
  }

  private func answer(to step: Upload.Step, upload: String) async throws(UploadFailure) -> Upload.Answer {
    switch step {
    case .look:
      let object = StoredObject(try await client.send(try access.asking(.head)))
      return object.isSame(as: digests) ? .matches : .differs("it is another")
    case .put:
      try await send(.put, range: 0..<digests.size, piece: 0)
      return .stored
    case .create:
      let answer = try await client.send(try access.asking(.createUpload))
      guard let id = StoreDocument(answer.body).values["UploadId"], !id.isEmpty else {
        throw UploadFailure(.transient, "the store's answer does not name the upload that it was to begin")
      }
      began(id)
      return .created(id)
    case .listParts:
      return .parts(try await listParts(upload))
    case .putPart(let number):
      guard let layout else { throw UploadFailure(.refused, "the file has no parts") }
      let answer = try await send(.putPart(number, upload: upload), range: layout.range(number), piece: number - 1)
      // Where the store does not say, the tag is what it mostly is: the MD5.
      let tag = answer.headers["etag"].map(Self.unquoted) ?? digests.entityTag(ofPiece: number - 1)
      entityTags.withLock { $0[number] = tag }
      partsSent.add(1, ordering: .relaxed)
      return .stored
    case .complete:
      let count = layout?.count ?? 0
      let tags = entityTags.withLock { tags in (1...max(1, count)).map { tags[$0] ?? "" } }
      _ = try await client.send(
        try access.asking(.complete(upload: upload)),
        body: .bytes(StoreDocument.completion(tags))
      )
      return .completed
    case .check:
      return try await check()
    }
  }

  /// A tag without quotation marks, and without what does not belong into XML.
  private static func unquoted(_ tag: String) -> String { tag.filter { $0.isASCII && !"\"<>&'".contains($0) } }

  @discardableResult
  private func send(_ operation: ObjectOperation, range: Range<Int>, piece: Int) async throws(UploadFailure)
    -> StoreAnswer
  {
    let answer = try await client.send(
      try access.asking(operation),
      body: .file(file.slice(range), contentMD5: digests.contentMD5(piece))
    )
    var stored = StoredObject(answer)
    stored.size = nil
    if let tag = stored.entityTag, tag != digests.entityTag(ofPiece: piece) {
      throw UploadFailure(.transient, "the store received other bytes than the file has: their checksum is \(tag)")
    }
    return answer
  }

  /// The parts that are there and are right.
  private func listParts(_ upload: String) async throws(UploadFailure) -> Set<Int> {
    guard let layout else { throw UploadFailure(.refused, "the file has no parts") }
    var there: Set<Int> = []
    for marker in stride(from: 0, to: layout.count, by: ObjectOperation.listedParts) {
      let answer = try await client.send(try access.asking(.listParts(after: marker, upload: upload)))
      for part in StoreDocument(answer.body).parts where (1...layout.count).contains(part.number) {
        guard part.size == layout.range(part.number).count else { continue }
        let tag = StoredObject.md5Tag(part.entityTag)
        guard tag == digests.entityTag(ofPiece: part.number - 1) || (tag == nil && knowsParts) else { continue }
        entityTags.withLock { $0[part.number] = Self.unquoted(part.entityTag) }
        there.insert(part.number)
      }
    }
    return there
  }

  private func check() async throws(UploadFailure) -> Upload.Answer {
    let object = StoredObject(try await client.send(try access.asking(.head)))
    guard object.size != nil else { return .differs("the store does not say how large the stored object is") }
    if let difference = object.difference(from: digests) { return .differs(difference) }
    guard readsBack else { return .matches }
    let content = try await client.readBack(try access.asking(.get))
    guard (content.size, content.sha256) == (digests.size, digests.sha256) else {
      return .differs(
        "what is read back from the store is not the file: \(content.size) bytes with the SHA-256 \(content.sha256), "
          + "not \(digests.size) with \(digests.sha256)"
      )
    }
    return .matches
  }
}

import Testing

@testable import ReplayDelivery

/// The upload's decisions, with a clock that is turned by hand.
@Suite struct UploadTests {
  /// Retries without luck: the jitter is drawn, but within bounds that are known.
  private static let policy = RetryPolicy(
    firstDelay: .seconds(1),
    longestDelay: .seconds(8),
    attempts: 5,
    total: .seconds(100)
  )
  private static let away = UploadFailure(.transient, "the store is away")

  private static func upload(
    parts: Int? = nil,
    uploadID: String? = nil,
    mayCreate: Bool = true,
    policy: RetryPolicy = policy,
    seed: UInt64 = 1
  ) -> Upload {
    Upload(
      parts: parts.map { PartLayout(size: $0 * 10, partBytes: 10) },
      uploadID: uploadID,
      mayCreate: mayCreate,
      policy: policy,
      seed: seed
    )
  }

  /// Expects that `step` is to be started.
  private func start(
    _ upload: inout Upload,
    _ step: Upload.Step,
    at now: Duration = .zero,
    _ place: SourceLocation = #_sourceLocation
  ) {
    #expect(upload.next(at: now) == .start(step), sourceLocation: place)
  }

  /// Expects a wait, and returns until when.
  private func wait(_ upload: inout Upload, at now: Duration, _ place: SourceLocation = #_sourceLocation) -> Duration {
    guard case .wait(let moment) = upload.next(at: now) else {
      Issue.record("no wait", sourceLocation: place)
      return now
    }
    return moment
  }

  /// Starts `step` and tells of its success.
  private func pass(
    _ upload: inout Upload,
    _ step: Upload.Step,
    _ answer: Upload.Answer,
    at now: Duration = .zero,
    _ place: SourceLocation = #_sourceLocation
  ) {
    start(&upload, step, at: now, place)
    upload.succeeded(step, answer)
  }

  /// Starts `step` and tells of its failure.
  private func fail(
    _ upload: inout Upload,
    _ step: Upload.Step,
    _ failure: UploadFailure,
    at now: Duration = .zero,
    _ place: SourceLocation = #_sourceLocation
  ) {
    start(&upload, step, at: now, place)
    upload.failed(step, failure, at: now)
  }

  private static let notThere = UploadFailure(.notFound, "it is not there")

  @Test func `a small file is looked for, put and checked`() {
    var upload = Self.upload()
    fail(&upload, .look, Self.notThere)
    pass(&upload, .put, .stored)
    pass(&upload, .check, .matches)
    #expect(upload.next(at: .zero) == .finish(.delivered))
    #expect(!upload.wasThere && upload.retryCount == 0)
  }

  @Test func `what is there already is not sent, but checked`() {
    var upload = Self.upload()
    pass(&upload, .look, .matches)
    pass(&upload, .check, .matches)
    #expect(upload.next(at: .zero) == .finish(.delivered))
    #expect(upload.wasThere)
  }

  @Test func `what looked right and is not is sent after all`() {
    var upload = Self.upload()
    pass(&upload, .look, .matches)
    pass(&upload, .check, .differs("its content is another"))
    pass(&upload, .put, .stored)
    #expect(!upload.wasThere)
    pass(&upload, .check, .differs("its content is another"))
    #expect(upload.next(at: .zero) == .finish(.failed(reason: "its content is another", isTransient: false)))
  }

  @Test(arguments: [Upload.Answer.differs("another"), nil])
  func `another object there, or one that nobody may look at, is no reason not to send`(answer: Upload.Answer?) {
    var upload = Self.upload()
    start(&upload, .look)
    if let answer {
      upload.succeeded(.look, answer)
    } else {
      upload.failed(.look, UploadFailure(.refused, "status 403"), at: .zero)
    }
    pass(&upload, .put, .stored)
    pass(&upload, .check, .matches)
    #expect(upload.next(at: .zero) == .finish(.delivered))
  }

  @Test func `parts go two at a time, in their order, and are completed when all are there`() {
    var upload = Self.upload(parts: 4)
    fail(&upload, .look, Self.notThere)
    pass(&upload, .create, .created("u1"))
    #expect(upload.uploadID == "u1")
    start(&upload, .putPart(1))
    start(&upload, .putPart(2))
    #expect(wait(&upload, at: .zero) == .seconds(100))
    upload.succeeded(.putPart(2), .stored)
    start(&upload, .putPart(3))
    #expect(wait(&upload, at: .zero) == .seconds(100))
    upload.succeeded(.putPart(1), .stored)
    upload.succeeded(.putPart(3), .stored)
    start(&upload, .putPart(4))
    #expect(wait(&upload, at: .zero) == .seconds(100))
    upload.succeeded(.putPart(4), .stored)
    pass(&upload, .complete, .completed)
    pass(&upload, .check, .matches)
    #expect(upload.next(at: .zero) == .finish(.delivered))
  }

  @Test func `an upload that was begun before sends only what is missing`() {
    var upload = Self.upload(parts: 5, uploadID: "old")
    fail(&upload, .look, Self.notThere)
    pass(&upload, .listParts, .parts([1, 4, 9]))
    #expect(upload.resumedParts == [1, 4])
    start(&upload, .putPart(2))
    start(&upload, .putPart(3))
    upload.succeeded(.putPart(2), .stored)
    start(&upload, .putPart(5))
    upload.succeeded(.putPart(5), .stored)
    upload.succeeded(.putPart(3), .stored)
    start(&upload, .complete)
  }

  @Test func `an upload whose parts are all there is only completed`() {
    var upload = Self.upload(parts: 2, uploadID: "old")
    fail(&upload, .look, Self.notThere)
    pass(&upload, .listParts, .parts([1, 2]))
    start(&upload, .complete)
  }

  @Test func `an upload that the store has lost begins anew, once nothing of it is in flight`() {
    var upload = Self.upload(parts: 3, uploadID: "old")
    fail(&upload, .look, Self.notThere)
    pass(&upload, .listParts, .parts([]))
    start(&upload, .putPart(1))
    start(&upload, .putPart(2))
    upload.failed(.putPart(1), UploadFailure(.noSuchUpload, "gone"), at: .zero)
    #expect(wait(&upload, at: .zero) == .seconds(100))
    // What the other part came to is not taken for the new upload's.
    upload.succeeded(.putPart(2), .stored)
    pass(&upload, .create, .created("new"))
    start(&upload, .putPart(1))
    start(&upload, .putPart(2))
    #expect(upload.uploadID == "new")
  }

  @Test func `a ticket is for one upload: if the store has lost it, there is no other`() {
    var upload = Self.upload(parts: 3, uploadID: "old", mayCreate: false)
    fail(&upload, .look, Self.notThere)
    fail(&upload, .listParts, UploadFailure(.noSuchUpload, "there is no such upload"))
    #expect(upload.next(at: .zero) == .finish(.failed(reason: "there is no such upload", isTransient: false)))
  }

  @Test func `an upload is not begun anew for ever`() {
    var upload = Self.upload(parts: 1)
    fail(&upload, .look, Self.notThere)
    var creations = 0
    while case .start(let step) = upload.next(at: .zero) {
      if step == .create {
        creations += 1
        upload.succeeded(step, .created("u\(creations)"))
      } else {
        upload.failed(step, UploadFailure(.noSuchUpload, "gone"), at: .zero)
      }
    }
    #expect(creations == 3)
    #expect(upload.next(at: .zero) == .finish(.failed(reason: "gone", isTransient: false)))
  }

  @Test func `a completion whose answer was lost is found to have succeeded`() {
    var upload = Self.upload(parts: 1)
    fail(&upload, .look, Self.notThere)
    pass(&upload, .create, .created("u"))
    pass(&upload, .putPart(1), .stored)
    fail(&upload, .complete, Self.away)
    let moment = wait(&upload, at: .zero)
    fail(&upload, .complete, UploadFailure(.noSuchUpload, "gone"), at: moment)
    pass(&upload, .check, .matches, at: moment)
    #expect(upload.next(at: moment) == .finish(.delivered))
  }

  @Test(arguments: [true, false])
  func `a completion that came to nothing begins the upload anew`(isAnotherThere: Bool) {
    var upload = Self.upload(parts: 1)
    fail(&upload, .look, Self.notThere)
    pass(&upload, .create, .created("u"))
    pass(&upload, .putPart(1), .stored)
    fail(&upload, .complete, UploadFailure(.noSuchUpload, "gone"))
    if isAnotherThere { pass(&upload, .check, .differs("older")) } else { fail(&upload, .check, Self.notThere) }
    start(&upload, .create)
  }

  // MARK: - Retries

  @Test func `waits double at most, up to the longest, with full jitter`() {
    for seed in 0..<200 as Range<UInt64> {
      var upload = Self.upload(seed: seed)
      var now = Duration.zero
      for longest in [1, 2, 4, 8] {
        fail(&upload, .look, Self.away, at: now)
        let moment = upload.next(at: now)
        guard case .wait(let due) = moment else {
          // A wait of nothing at all.
          #expect(moment == .start(.look))
          return
        }
        #expect(due - now <= .seconds(longest) && due > now)
        if due - now > .milliseconds(2) {
          #expect(upload.next(at: due - .milliseconds(1)) == .wait(until: due))
        }
        now = due
      }
      fail(&upload, .look, Self.away, at: now)
      #expect(upload.next(at: now) == .finish(.failed(reason: "the store is away", isTransient: true)))
      #expect(upload.retryCount == 4)
    }
  }

  @Test func `the jitter fills its whole range`() {
    var generator = SystemRandomNumberGenerator()
    let delays = (0..<400).map { _ in Self.policy.delay(afterFailures: 9, using: &generator) }
    #expect(delays.allSatisfy { $0 >= .zero && $0 <= .seconds(8) })
    #expect(delays.contains { $0 < .seconds(2) } && delays.contains { $0 > .seconds(6) })
  }

  @Test func `no wait goes beyond the time for all`() {
    var upload = Self.upload(policy: RetryPolicy(firstDelay: .seconds(1), attempts: 100, total: .seconds(10)))
    start(&upload, .look)
    upload.failed(.look, UploadFailure(.transient, "busy", retryAfter: .seconds(30)), at: .seconds(1))
    #expect(upload.next(at: .seconds(1)) == .finish(.failed(reason: "busy", isTransient: true)))
  }

  @Test func `an upload that takes too long is given up, though a request is still in flight`() {
    var upload = Self.upload()
    start(&upload, .look)
    #expect(wait(&upload, at: .seconds(99)) == .seconds(100))
    guard case .finish(.failed(let reason, true)) = upload.next(at: .seconds(100)) else {
      Issue.record("it goes on")
      return
    }
    #expect(reason.contains("100"))
    upload.succeeded(.look, .matches)
    #expect(upload.next(at: .seconds(101)) == .finish(.failed(reason: reason, isTransient: true)))
  }

  @Test func `Retry-After is honoured where it is longer`() {
    var upload = Self.upload()
    fail(&upload, .look, UploadFailure(.transient, "busy", retryAfter: .seconds(20)), at: .seconds(2))
    #expect(wait(&upload, at: .seconds(2)) == .seconds(22))
    start(&upload, .look, at: .seconds(22))
  }

  @Test func `a store that asks for less gets nothing at all for a while`() {
    var upload = Self.upload(parts: 4)
    fail(&upload, .look, Self.notThere)
    pass(&upload, .create, .created("u"))
    start(&upload, .putPart(1))
    start(&upload, .putPart(2))
    upload.failed(.putPart(1), UploadFailure(.slowDown, "slow down", retryAfter: .seconds(15)), at: .seconds(1))
    upload.succeeded(.putPart(2), .stored)
    #expect(wait(&upload, at: .seconds(1)) == .seconds(16))
    #expect(wait(&upload, at: .seconds(15)) == .seconds(16))
    start(&upload, .putPart(1), at: .seconds(16))
    start(&upload, .putPart(3), at: .seconds(16))
  }

  @Test func `a part that waits for its retry takes the place of a further one`() {
    var upload = Self.upload(parts: 4)
    fail(&upload, .look, Self.notThere)
    pass(&upload, .create, .created("u"))
    start(&upload, .putPart(1))
    start(&upload, .putPart(2))
    upload.failed(.putPart(1), UploadFailure(.transient, "cut", retryAfter: .seconds(5)), at: .zero)
    upload.failed(.putPart(2), UploadFailure(.transient, "cut", retryAfter: .seconds(6)), at: .zero)
    #expect(wait(&upload, at: .zero) == .seconds(5))
    start(&upload, .putPart(1), at: .seconds(5))
    #expect(wait(&upload, at: .seconds(5)) == .seconds(6))
    upload.succeeded(.putPart(1), .stored)
    start(&upload, .putPart(3), at: .seconds(5))  // One is retried soon, one may go.
  }

  @Test(arguments: [Upload.Step.put, .check])
  func `what the store refuses is not tried again`(step: Upload.Step) {
    var upload = Self.upload()
    fail(&upload, .look, Self.notThere)
    if step == .check { pass(&upload, .put, .stored) }
    fail(&upload, step, UploadFailure(.refused, "it is not allowed"))
    #expect(upload.next(at: .zero) == .finish(.failed(reason: "it is not allowed", isTransient: false)))
    #expect(upload.retryCount == 0)
  }

  @Test func `an answer to a step that nobody asked for changes nothing`() {
    var upload = Self.upload()
    upload.succeeded(.check, .matches)
    upload.failed(.put, UploadFailure(.refused, "no"), at: .zero)
    start(&upload, .look)
  }

  @Test func `an answer that makes no sense ends the upload`() {
    var upload = Self.upload(parts: 2)
    fail(&upload, .look, Self.notThere)
    pass(&upload, .create, .stored)
    guard case .finish(.failed(_, isTransient: false)) = upload.next(at: .zero) else {
      Issue.record("it goes on")
      return
    }
  }
}

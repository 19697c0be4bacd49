public import ArenaCore

/// Brings files to where they are kept, and makes sure that they arrived.
public final class Delivery: Sendable {
  /// What came of one file.
  public struct Report: Equatable, Sendable {
    /// For the match's result.
    public var result: DeliveryResult
    /// Whether it is this file that cannot be delivered, rather than the place that takes nothing.
    public var isAboutFile = false
    /// Whether the very same was there already.
    public var wasThere = false
    /// Parts that an earlier upload had left in the store.
    public var resumedParts = 0
    /// Parts that were sent; 0 for a file in one piece.
    public var sentParts = 0

    /// A report with no more than a result.
    public init(_ result: DeliveryResult) { self.result = result }
  }

  private let options: DeliveryOptions
  private let client: StoreClient
  private let notice: @Sendable (String) -> Void

  /// A delivery.
  ///
  /// - Parameter notice: called, from any thread, with a line about each failure that another attempt follows.
  public init(options: DeliveryOptions, notice: @escaping @Sendable (String) -> Void = { _ in }) {
    self.options = options
    self.notice = notice
    client = StoreClient(authorities: options.authorities)
  }

  /// Ends all connections. To be called once, when nothing is to be delivered any more.
  public func close() async { await client.close() }

  /// Brings `file` to `target` as `name`. A task that is cancelled ends it soon; what is in the store of it is gone on with the next time.
  ///
  /// - Parameter expectedSHA256: what the file must be, where that is known, as 64 hexadecimal digits.
  public func deliver(
    _ file: DeliverableFile,
    as name: String,
    to target: DeliveryTarget,
    expectedSHA256: String? = nil
  ) async -> Report {
    await report(file, target.location(name), expectedSHA256, layout: Self.layout(target, file)) { digests, report in
      guard DeliveryName.isAllowed(name) else { throw Self.notAllowed(name) }
      switch target {
      case .folder(let folder):
        try DirectoryDelivery(folder: folder).deliver(file, digests, as: name)
        report.result.check = .content
      case .store(let store):
        try await upload(file, digests, to: store, as: name, &report)
      }
    }
  }

  private static func layout(_ target: DeliveryTarget, _ file: DeliverableFile) -> PartLayout? {
    guard case .store = target, file.size > PartLayout.largestSinglePut else { return nil }
    return PartLayout(size: file.size)
  }

  private static func notAllowed(_ name: String) -> DeliveryError {
    DeliveryError(
      "\"\(name)\" is no name for a replay; it must have letters, digits, dots, underscores and hyphens only, "
        + "and not begin with a dot"
    )
  }

  /// Brings `file` to where `ticket` says. The ticket must be for a file of this kind, and not too small.
  public func deliver(_ file: DeliverableFile, by ticket: UploadTicket, expectedSHA256: String? = nil) async -> Report {
    let isSingle = file.size <= UploadTicket.largestWithoutParts
    let parts = isSingle ? nil : ticket.multipart.map { PartLayout(size: file.size, partBytes: $0.partBytes) }
    return await report(file, ticket.location, expectedSHA256, layout: parts) { digests, report in
      guard file.size <= ticket.maxBytes else {
        throw DeliveryError("the file has \(file.size) bytes, the ticket is for at most \(ticket.maxBytes)")
      }
      let access = TicketAccess(ticket: ticket)
      let upload = Upload(
        parts: parts,
        uploadID: parts == nil ? nil : ticket.multipart?.uploadID,
        mayCreate: false,
        policy: options.retry,
        seed: .random(in: .min ... .max)
      )
      try await perform(upload, run(file, digests, parts, access), &report)
      // The upload in parts that was begun for a larger file is not needed.
      if parts == nil, let id = ticket.multipart?.uploadID { await abort(access, id) }
    }
  }

  // MARK: - Parts of a delivery

  /// Reads the file, has `body` bring it to its place, and says what came of it.
  private func report(
    _ file: DeliverableFile,
    _ location: String,
    _ expectedSHA256: String?,
    layout: PartLayout?,
    _ body: (FileDigests, inout Report) async throws -> Void
  ) async -> Report {
    var report = Report(DeliveryResult(url: location, delivered: false, bytes: file.size))
    do {
      let digests = try file.digests(layout)
      report.result.sha256 = digests.sha256
      if let expectedSHA256, expectedSHA256.lowercased() != digests.sha256 {
        throw DeliveryError(
          "\(file.path) is not what was recorded: its SHA-256 is \(digests.sha256) and should be \(expectedSHA256)"
        )
      }
      try await body(digests, &report)
      report.result.delivered = true
    } catch let failure as Failure {
      report.result.error = failure.reason
    } catch is CancellationError {
      report.result.error = "it was interrupted"
    } catch {
      report.result.error = "\(error)"
      report.isAboutFile = !((error as? DeliveryError)?.isTransient ?? false)
    }
    return report
  }

  private struct Failure: Error {
    let reason: String
  }

  private func upload(
    _ file: DeliverableFile,
    _ digests: FileDigests,
    to store: ObjectStore,
    as name: String,
    _ report: inout Report
  ) async throws {
    let location = store.location(name)
    let origin = "\(store.scheme)://\(store.host)"
    let access = KeyedAccess(
      store: store,
      name: name,
      credentials: options.credentials,
      headers: [("content-type", ContentType.of(name)), (StoredObject.sha256Header, digests.sha256)]
    )
    guard digests.isMultipart else {
      let upload = Upload(parts: nil, policy: options.retry, seed: .random(in: .min ... .max))
      return try await perform(upload, run(file, digests, nil, access), &report)
    }
    let place = file.recordPlace
    var layout = PartLayout(size: digests.size)
    var digests = digests
    let found = options.keepsRecord ? UploadRecord.read(place) : nil
    let record = found.flatMap { $0.isFor(digests, location: location, store: origin) ? $0 : nil }
    if let record, record.partBytes != layout.partBytes {
      layout = PartLayout(size: digests.size, partBytes: record.partBytes)
      digests = try file.digests(layout)
    }
    if let found, record == nil, found.location == location, found.store == origin {
      // Parts of what the file was before: nobody else would ever remove them.
      await abort(access, found.uploadID)
    }
    let upload = Upload(
      parts: layout,
      uploadID: record?.uploadID,
      policy: options.retry,
      seed: .random(in: .min ... .max)
    )
    let template = UploadRecord(
      location: location,
      store: origin,
      uploadID: "",
      partBytes: layout.partBytes,
      size: digests.size,
      sha256: digests.sha256
    )
    let began: @Sendable (String) -> Void = { [options, notice] id in
      guard options.keepsRecord else { return }
      var record = template
      record.uploadID = id
      if !record.write(file.recordPlace) {
        notice(
          "\(location): if the upload is interrupted it will begin anew, as nothing can be written beside \(file.path)"
        )
      }
    }
    try await perform(upload, run(file, digests, layout, access, knowsParts: record != nil, began), &report)
    if options.keepsRecord { UploadRecord.remove(place) }
  }

  private func run(
    _ file: DeliverableFile,
    _ digests: FileDigests,
    _ layout: PartLayout?,
    _ access: any ObjectAccess,
    knowsParts: Bool = false,
    _ began: @escaping @Sendable (String) -> Void = { _ in }
  ) -> UploadRun {
    UploadRun(
      file: file,
      digests: digests,
      layout: layout,
      access: access,
      client: client,
      readsBack: options.readsBack,
      knowsParts: knowsParts,
      notice: notice,
      began: began
    )
  }

  private func perform(_ upload: Upload, _ run: UploadRun, _ report: inout Report) async throws {
    let (end, outcome) = await run.perform(upload)
    report.resumedParts = end.resumedParts.count
    report.sentParts = run.sentParts
    report.wasThere = end.wasThere
    switch outcome {
    case .delivered: report.result.check = options.readsBack ? .content : .checksum
    case .failed(let reason, _): throw Failure(reason: reason)
    }
  }

  /// Has the store forget an upload. Where it will not, its own rules must.
  private func abort(_ access: any ObjectAccess, _ upload: String) async {
    guard let request = try? access.request(.abort(upload: upload)) else { return }
    _ = try? await client.send(request)
  }
}

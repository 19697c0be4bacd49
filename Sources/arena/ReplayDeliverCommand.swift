import ArenaCore
import ArenaSystem
import ArgumentParser
import Foundation
import MatchEngine
import ReplayDelivery

/// `arena replay deliver`: replays to a folder or an S3-compatible store.
struct ReplayDeliverCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "deliver",
    abstract: "Bring replays to a folder or an S3-compatible store, and check that they arrived.",
    discussion: """
      A file goes to the target under its own name; the files of a folder under their paths seen from it. What is there already is not sent
      again. With --watch, the folder is watched and every replay delivered once it is finished, until SIGTERM. With --ticket, files go where
      a ticket of `arena replay ticket` says, without keys.
      Exit status: 0 all delivered, or the watch was ended; 1 something was not delivered; 2 the command cannot be carried out as it was given.
      """
  )

  @Argument(help: ArgumentHelp("Replays, exports, or one folder of them.", valueName: "path"), completion: .file())
  var paths: [String]

  @Option(help: ArgumentHelp("Where to: s3://BUCKET/PREFIX or a folder.", valueName: "target"))
  var to: String?

  @Option(help: ArgumentHelp("A ticket, or an array of them, as JSON; - for standard input.", valueName: "file"))
  var ticket: String?

  @OptionGroup var store: StoreArguments

  @Option(help: "Check what has arrived by size and the store's own checksum, or in full by reading it back.")
  var verify = DeliveryCheckArgument.size

  @Flag(help: "Remove each file once it was checked that it arrived.")
  var remove = false

  @Flag(help: "Watch the folder, and go on until SIGTERM.")
  var watch = false

  @Option(
    help: "How long nobody may have written to a replay without an end until it is delivered as it is.",
    transform: DurationArgument.parse
  )
  var idle = Duration.seconds(600)

  @Option(help: "How often the watched folder is looked through.", transform: DurationArgument.parseLimit)
  var interval = Duration.seconds(2)

  @Option(
    help: "How long requests for one file are tried again. (default: 10m)",
    transform: DurationArgument.parseLimit
  )
  var giveUpAfter = Duration.seconds(600)

  @Option(help: "What the file must be: its SHA-256 as 64 hexadecimal digits.")
  var sha256: String?

  @Flag(help: "Print JSON: what came of the files, or one line for each event of a folder.")
  var json = false

  func validate() throws {
    guard (to == nil) != (ticket == nil) else { throw ValidationError("either --to or --ticket says where to.") }
    let isFolder = paths.contains { Self.isFolder($0) }
    guard !isFolder || paths.count == 1 else { throw ValidationError("a folder is delivered alone.") }
    guard !watch || isFolder || !FileManager.default.fileExists(atPath: paths[0]) else {
      throw ValidationError("--watch is for a folder.")
    }
    guard ticket == nil || !(isFolder || watch) else {
      throw ValidationError("a ticket is for one file, and not for a folder.")
    }
    if let sha256 {
      guard sha256.utf8.count == 64, sha256.allSatisfy(\.isHexDigit), !isFolder, paths.count == 1 else {
        throw ValidationError("--sha256 is 64 hexadecimal digits, for one file.")
      }
    }
  }

  private static func isFolder(_ path: String) -> Bool {
    var isDirectory: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory.boolValue
  }

  func run() async throws {
    if let ticket { return try await deliver(tickets: try Self.tickets(ticket)) }
    let target = try store.target(to ?? "", option: "--to")
    let options = store.options(check: verify, total: giveUpAfter)
    // Who has no keys is told so at once.
    if case .store = target { _ = try options.credentials.read() }
    if watch || Self.isFolder(paths[0]) { return try await deliver(folder: paths[0], target, options) }
    try await deliverFiles(options, expectedSHA256: sha256) { delivery, file in
      await delivery.deliver(
        file,
        as: URL(filePath: file.path).lastPathComponent,
        to: target,
        expectedSHA256: sha256
      )
    }
  }

  // MARK: - A folder

  private func deliver(folder: String, _ target: DeliveryTarget, _ options: DeliveryOptions) async throws {
    let log = DeliveryLog(isJSON: json)
    let watcher = {
      var watcher = DeliveryWatch(root: folder, target: target, options: options)
      watcher.idle = idle
      watcher.interval = interval
      watcher.removes = remove
      return watcher
    }()
    if watch {
      log.note("started", "watching \(folder), for \(target.location(""))")
      await Interruption.cancelling { await watcher.run(log: { log($0) }, notice: { log.retry($0) }) }
      log.note("stopped", "stopped")
      return
    }
    let outcome: Result<Int, DeliveryError> = await Interruption.cancelling {
      do throws(DeliveryError) {
        return .success(try await watcher.runOnce(log: { log($0) }, notice: { log.retry($0) }))
      } catch {
        return .failure(error)
      }
    }
    let left = try outcome.get()
    guard left == 0 else {
      OutputStream.standardError(
        "Error: \(left) \(left == 1 ? "file is" : "files are") left: not delivered, or still being written\n"
      )
      throw ExitCode(ArenaCommand.failed)
    }
  }

  // MARK: - Files

  private func deliver(tickets: [UploadTicket]) async throws {
    let options = store.options(check: verify, total: giveUpAfter)
    try await deliverFiles(options, expectedSHA256: sha256) { delivery, file in
      let name = URL(filePath: file.path).lastPathComponent
      guard let ticket = Self.ticket(for: name, among: tickets) else {
        return Delivery.Report(
          DeliveryResult(url: file.path, delivered: false, error: "there is no ticket for \(name)")
        )
      }
      return await delivery.deliver(file, by: ticket, expectedSHA256: sha256)
    }
  }

  /// The ticket that names the file, else the only one for a file of its kind.
  private static func ticket(for name: String, among tickets: [UploadTicket]) -> UploadTicket? {
    if let ticket = tickets.first(where: { $0.name == name }) { return ticket }
    let kind = URL(filePath: name).pathExtension
    let fitting = tickets.filter { URL(filePath: $0.name).pathExtension == kind }
    return fitting.count == 1 ? fitting[0] : nil
  }

  private static func tickets(_ path: String) throws(FieldError) -> [UploadTicket] {
    let value = try path == "-" ? JSONFile.readStandardInput() : JSONFile.read(path)
    guard case .array(let values) = value else { return [try UploadTicket(reading: FieldReader(value))] }
    var tickets: [UploadTicket] = []
    for (index, value) in values.enumerated() {
      tickets.append(try UploadTicket(reading: FieldReader(value, path: "[\(index)]")))
    }
    return tickets
  }

  private func deliverFiles(
    _ options: DeliveryOptions,
    expectedSHA256: String?,
    _ deliver: @escaping @Sendable (Delivery, DeliverableFile) async -> Delivery.Report
  ) async throws {
    let paths = paths
    let removes = remove
    let isQuiet = json
    let results = await Interruption.cancelling {
      let delivery = Delivery(options: options) { if !isQuiet { OutputStream.standardError($0 + "\n") } }
      var results: [DeliveryResult] = []
      for path in paths {
        do throws(DeliveryError) {
          let file = try DeliverableFile(path: path)
          let report = await deliver(delivery, file)
          results.append(report.result)
          if !isQuiet { Self.print(path, report) }
          if removes, report.result.delivered, !file.remove() {
            OutputStream.standardError("kept \(path): it has changed, or cannot be removed\n")
          }
        } catch {
          results.append(DeliveryResult(url: path, delivered: false, error: error.description))
          if !isQuiet { OutputStream.standardError("Error: \(error)\n") }
        }
      }
      await delivery.close()
      return results
    }
    if json, let result = DeliveryResult(results) { OutputStream.standardOutput(DeliveryLog.line(result)) }
    guard results.allSatisfy(\.delivered) else { throw ExitCode(ArenaCommand.failed) }
  }

  private static func print(_ path: String, _ report: Delivery.Report) {
    let result = report.result
    guard result.delivered else {
      OutputStream.standardError("Error: \(path) was not delivered to \(result.url): \(result.error ?? "")\n")
      return
    }
    var text = "\(path) → \(result.url): \(result.bytes ?? 0) bytes\(report.wasThere ? ", there already" : "")"
    if report.sentParts + report.resumedParts > 0 {
      text +=
        ", \(report.sentParts) parts sent" + (report.resumedParts > 0 ? ", \(report.resumedParts) were there" : "")
    }
    OutputStream.standardOutput(text + ", checked by its \(result.check?.rawValue ?? "")\n")
  }
}

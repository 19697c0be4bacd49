import ArenaCore
import ArenaSystem
import Logging
import MatchEngine
import Subprocess

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The upload of a replay from within the match's pod, for operators who chose it: another program does it, by a ticket and without keys.
///
/// The program is a process of its own, so that the orchestrator need not know HTTP. It is started only after the match, and whatever
/// comes of it changes nothing about the verdict.
struct ReplayUpload: Sendable {
  /// The ticket, or an array of them: the JSON itself, or the path of the file that holds it.
  let ticket: JSONValue
  /// The program, which takes `replay deliver --ticket -`.
  let program: String
  /// How long it may take.
  let timeout: Duration

  private static let defaultProgram = "/usr/local/bin/arena"
  /// Seconds that are left for writing the result when the verdict must be in.
  private static let reserve = 0.5

  /// Reads the object `upload` of the section `replay`.
  ///
  /// - Throws: `FieldError` that names the first key which is missing or not allowed.
  init(reading reader: FieldReader) throws(FieldError) {
    let value = reader.value("ticket")
    switch value {
    case .string(let path) where !path.isEmpty: break
    case .array(let tickets) where !tickets.isEmpty: break
    case .object: break
    default: throw reader.wrong("ticket", value, "a ticket, an array of tickets, or the path of a file with them")
    }
    ticket = value ?? .null
    program = try reader.string("program") ?? Self.defaultProgram
    guard !program.isEmpty else { throw reader.wrong("program", .string(program), "the path of a program") }
    timeout = try reader.seconds("timeout_sec", in: 0.001...3600) ?? .seconds(60)
  }

  /// Has `files` uploaded, of which the first is the replay, each by the ticket that is for a file of its kind.
  ///
  /// - Parameters:
  ///   - verdictBy: seconds since 1970 by which this is over at the latest.
  ///   - termination: a signal that has come already, or that comes, ends the upload.
  func deliver(
    _ files: [String],
    verdictBy: Double?,
    termination: TerminationSignals,
    logger: Logger
  ) async -> DeliveryResult {
    let limit = min(timeout.inSeconds, verdictBy.map { $0 - Date().timeIntervalSince1970 - Self.reserve } ?? .infinity)
    let task = Task { await outcome(files, limit: limit) }
    termination.onSignal { _ in task.cancel() }
    let result = await task.value
    if let failure = result.firstFailure {
      logger.warning(
        "the replay was not uploaded",
        metadata: ["url": "\(failure.url)", "reason": "\(failure.error ?? "")"]
      )
    } else {
      logger.info("the replay was uploaded", metadata: ["url": "\(result.url)"])
    }
    return result
  }

  private enum Event: Sendable {
    case ended(DeliveryResult?, complaint: String)
    case failed(String)
    case timeIsOver
  }

  private func outcome(_ files: [String], limit: Double) async -> DeliveryResult {
    var tickets = ticket
    do throws(FieldError) {
      if case .string(let path) = ticket { tickets = try JSONFile.read(path) }
    } catch {
      return failure(files, ticket, "the ticket cannot be used: \(error)")
    }
    guard limit > 0 else {
      return failure(files, tickets, "there was no time left for it before the verdict had to be in")
    }
    guard let input = try? String(decoding: JSONEncoder().encode(tickets), as: UTF8.self) else {
      return failure(files, tickets, "the ticket cannot be used")
    }
    let event = await withTaskGroup(of: Event.self) { group in
      group.addTask { await upload(files, input, limit: limit) }
      group.addTask {
        try? await Task.sleep(for: .seconds(limit))
        return .timeIsOver
      }
      let first = await group.next()
      // Ends the program, where it runs still.
      group.cancelAll()
      return first ?? .timeIsOver
    }
    guard !Task.isCancelled else {
      return failure(files, tickets, "the orchestrator was ended before the upload was over")
    }
    switch event {
    case .ended(let result?, _): return result
    case .ended(nil, let complaint): return failure(files, tickets, "\(program) \(complaint)")
    case .failed(let reason): return failure(files, tickets, "\(program) could not be run: \(reason)")
    case .timeIsOver: return failure(files, tickets, "it took longer than the \(limit) seconds there were for it")
    }
  }

  private func upload(_ files: [String], _ ticket: String, limit: Double) async -> Event {
    var options = PlatformOptions()
    options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(1))]
    // The program gives up by itself a little earlier, and can then say why.
    let arguments =
      ["replay", "deliver", "--ticket", "-", "--json", "--give-up-after", "\(max(1, Int(limit * 900)))ms", "--"] + files
    do {
      // Not through a pipe: a program that ends without having read its input would take this one along, as of swift-subprocess 1.0.2.
      let input = try MemoryFile.holding(ticket)
      let result = try await run(
        program.contains("/") ? .path(.init(program)) : .name(program),
        arguments: Arguments(arguments),
        platformOptions: options,
        input: .fileDescriptor(.init(rawValue: input), closeAfterSpawningProcess: true),
        output: .string(limit: 1 << 20),
        error: .string(limit: 1 << 20)
      )
      let delivery = try? JSONDecoder().decode(DeliveryResult.self, from: Data(result.standardOutput.utf8))
      let words = result.standardError.split(separator: "\n").first.map { ": \($0.prefix(300))" } ?? ""
      // A program that is not the expected one may say anything, also what it was given.
      let isHarmless = !words.contains("X-Amz-") && !words.contains("://")
      return .ended(delivery, complaint: "ended with \(result.terminationStatus)" + (isHarmless ? words : ""))
    } catch {
      return .failed("\(error)")
    }
  }

  /// That none of `files` was uploaded, for this reason.
  private func failure(_ files: [String], _ tickets: JSONValue, _ reason: String) -> DeliveryResult {
    let all = files.map { DeliveryResult(url: Self.location(for: $0, tickets), delivered: false, error: reason) }
    return DeliveryResult(all) ?? DeliveryResult(url: "", delivered: false, error: reason)
  }

  /// Where a file should have come to, as its ticket says; the file itself where none does.
  private static func location(for file: String, _ tickets: JSONValue) -> String {
    let candidates: [JSONValue] = if case .array(let values) = tickets { values } else { [tickets] }
    let kind = file.split(separator: ".").last
    for case .object(let members) in candidates {
      guard case .string(let name) = members["name"], name.split(separator: ".").last == kind,
        case .string(let location) = members["location"], location.hasPrefix("s3://"), !location.contains("?")
      else { continue }
      return location
    }
    return file
  }
}

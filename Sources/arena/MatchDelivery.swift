import ArenaCore
import ArgumentParser
import Foundation
import ReplayDelivery

/// The options by which a match's replay is delivered after the match, and how that is done.
struct MatchDelivery: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Bring the replay there after the match: s3://BUCKET/PREFIX or a folder. The options below say how to get there.",
      valueName: "target"
    )
  )
  var deliverTo: String?

  @Option(
    help: "How long that is tried. What comes of it changes nothing about the match.",
    transform: DurationArgument.parseLimit
  )
  var deliverTimeout = Duration.seconds(60)

  @OptionGroup var store: StoreArguments

  /// Where to deliver; nil for nowhere. What cannot work is said before the match.
  ///
  /// - Throws: `FieldError` about an option, or about keys that are missing.
  func target(isRecorded: Bool) throws -> DeliveryTarget? {
    guard let deliverTo else { return nil }
    guard isRecorded else { throw ValidationError("--deliver-to needs a replay, which --no-replay leaves out.") }
    let target = try store.target(deliverTo, option: "--deliver-to")
    if case .store = target { _ = try store.source.read() }
    return target
  }

  /// Delivers the replay of a match that is over, and notes in its result what came of that.
  func deliver(_ result: inout MatchResult, to target: DeliveryTarget) async {
    guard let recording = result.recording, let path = recording.path else { return }
    let options = store.options(check: .size, total: deliverTimeout)
    result.recording?.delivery = await Interruption.cancelling {
      let delivery = Delivery(options: options)
      let name = URL(filePath: path).lastPathComponent
      let outcome: DeliveryResult
      do throws(DeliveryError) {
        let file = try DeliverableFile(path: path)
        outcome = await delivery.deliver(file, as: name, to: target, expectedSHA256: recording.sha256).result
      } catch {
        outcome = DeliveryResult(url: target.location(name), delivered: false, error: error.description)
      }
      await delivery.close()
      return outcome
    }
  }
}

package import ArenaCore
package import ArenaSystem

/// The page that plays a replay, as far as the file can be read.
package enum ReplayPage {
  /// Why a page could not be made.
  package enum Failure: Error, CustomStringConvertible {
    /// The replay's Metadata do not describe a match.
    case notAMatch(FieldError)
    /// The page could not be written.
    case writing(SystemFailure)

    /// A sentence without its full stop.
    package var description: String {
      switch self {
      case .notAMatch(let error): "the replay has no page, since it does not say which match it is of: \(error)"
      case .writing(let failure): "the page cannot be written: \(failure)"
      }
    }
  }

  /// Writes the page of `reader`'s replay to `descriptor`.
  ///
  /// - Returns: what is wrong with the file, if anything is; the page holds everything before.
  /// - Throws: `Failure` if there is no page.
  package static func write(_ reader: ReplayReader, to descriptor: Int32) throws(Failure) -> ReplayError? {
    let match = try match(of: reader)
    let heading = JSONExport.Heading(
      totalSteps: reader.frameCount,
      startTime: reader.times?.lowerBound ?? 0,
      endTime: reader.times?.upperBound ?? 0
    )
    var page = HTMLExport(match, heading, to: descriptor)
    let damage = try add(reader, to: &page)
    do throws(SystemFailure) { try page.finish() } catch { throw .writing(error) }
    return damage
  }

  /// The match that a page of `reader`'s replay is about.
  ///
  /// - Throws: `Failure` if the file does not describe it.
  @discardableResult
  package static func match(of reader: ReplayReader) throws(Failure) -> ReplayMatch {
    do throws(FieldError) { return try ReplayMatch(metadata: reader.metadata) } catch { throw .notAMatch(error) }
  }

  private static func add(_ reader: ReplayReader, to page: inout HTMLExport) throws(Failure) -> ReplayError? {
    var events: ReplayEvents
    do throws(ReplayError) { events = try reader.makeEvents() } catch { return error }
    while true {
      let event: ReplayEvent?
      do throws(ReplayError) { event = try events.next() } catch { return error }
      guard let event else { return nil }
      do throws(SystemFailure) { try page.add(event) } catch { throw .writing(error) }
    }
  }
}

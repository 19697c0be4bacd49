import ArenaCore
import ArenaSystem
import ArgumentParser
import ReplayDelivery

/// `arena replay ticket`: leave for somebody without keys to put one file.
struct ReplayTicketCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ticket",
    abstract: "Make a ticket by which one file can be delivered without keys.",
    discussion: """
      Run it where the keys are. The ticket, on standard output, is a secret until it expires: whoever has it can put this one object.
      Exit status: 0 made, 1 the store did not allow it, 2 the command cannot be carried out as it was given.
      """
  )

  @Argument(help: "The file's name, such as match_123.mcap, with folders before it or without.")
  var name: String

  @Option(help: ArgumentHelp("Where to: s3://BUCKET/PREFIX.", valueName: "target"))
  var to: String

  @OptionGroup var store: StoreArguments

  @Option(help: "How long it is good, at most 7d.", transform: DurationArgument.parseValidity)
  var expires = Duration.seconds(3600)

  @Option(
    help:
      "The largest file that it is for. Above 64 MiB the store is asked at once to begin an upload in parts. (default: 64 MiB)",
    transform: NumberArgument.parseBytes
  )
  var bytes = UploadTicket.largestWithoutParts

  func run() async throws {
    guard DeliveryName.isAllowed(name) else {
      throw FieldError(
        field: "the name",
        given: "\"\(name)\"",
        allowed: "letters, digits, dots, underscores and hyphens, not beginning with a dot, with / between folders"
      )
    }
    guard case .store(let place) = try store.target(to, option: "--to") else {
      throw FieldError(field: "--to", given: "\"\(to)\"", allowed: "s3://BUCKET/PREFIX: a folder needs no ticket")
    }
    let ticket = try await UploadTicket.make(
      name: name,
      in: place,
      credentials: store.source,
      validity: expires,
      maxBytes: bytes,
      authorities: store.authorities
    )
    OutputStream.standardOutput(DeliveryLog.line(ticket))
  }
}

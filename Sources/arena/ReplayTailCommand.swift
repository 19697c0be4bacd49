import ArenaSystem
import ArgumentParser
import Foundation
import Glibc
import Replay
import Synchronization

/// `arena replay tail`: a replay's last events, and those that come.
struct ReplayTailCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tail",
    abstract: "Print a replay's last events as lines of JSON, and go on while it is written.",
    discussion: """
      Lines are those of `arena replay cat`. Exit status: 0 printed, until the replay's end or Ctrl-C; 1 the file cannot
      be read, or was replaced or shortened meanwhile; 2 the command cannot be carried out as it was given.
      """
  )

  @Argument(help: ArgumentHelp("The replay.", valueName: "file"), completion: .file(extensions: ["mcap"]))
  var path: String

  @Flag(
    name: [.customShort("f"), .long],
    inversion: .prefixedNo,
    help: "Go on with what is recorded, until the replay has its end."
  )
  var follow = true

  @Option(
    name: [.customShort("n"), .long],
    help: "How many of the events that are there to begin with.",
    transform: NumberArgument.parseLines
  )
  var lines = 10

  @Flag(help: "Begin with all that are there.")
  var all = false

  func run() throws {
    try ReplayCommand.writing {
      if try all || isStillWritten() { try printAsWritten() } else { try printLast() }
    }
  }

  /// Whether there may be more to come that is wanted. A file that has just been begun has no reader yet.
  private func isStillWritten() throws -> Bool {
    guard follow else { return false }
    do throws(ReplayError) {
      return !(try ReplayReader(path: path).isComplete)
    } catch {
      guard error.kind == .cutOff else { throw error }
      return true
    }
  }

  private func printLast() throws {
    let reader = try ReplayReader(path: path)
    var output = EventLines(ReplayCommand.match(reader.metadata), to: STDOUT_FILENO)
    var last = LastEvents(limit: lines)
    do {
      var events =
        reader.frameCount > lines
        ? try reader.makeEvents(fromFrame: reader.frameCount - lines) : try reader.makeEvents()
      while let event = try events.next() { last.add(event) }
    } catch {
      try last.write(to: &output)
      throw error
    }
    try last.write(to: &output)
  }

  /// Says when somebody wants an end, from any thread, and wakes a wait for the file.
  private final class Interruption: Sendable {
    private let flag = Atomic(false)
    private let pipe = Pipe()

    var hasCome: Bool { flag.load(ordering: .relaxed) }
    var descriptor: Int32 { pipe.fileHandleForReading.fileDescriptor }

    func come() {
      flag.store(true, ordering: .relaxed)
      try? pipe.fileHandleForWriting.write(contentsOf: Data([0]))
    }
  }

  private func printAsWritten() throws {
    let interruption = Interruption()
    let signals = TerminationSignals()
    signals.onSignal { _ in interruption.come() }
    let follower = try ReplayFollower(path: path)
    var output = EventLines(to: STDOUT_FILENO)
    // Those that are there already, where not all of them are wanted.
    var last = all ? nil : LastEvents(limit: lines)
    while !interruption.hasCome {
      while !interruption.hasCome, let event = try follower.next() {
        // Metadata come before the first event.
        if output.match == nil { output.match = ReplayCommand.match(follower.metadata) }
        if last == nil { try output.add(event) } else { last?.add(event) }
      }
      try last?.write(to: &output)
      last = nil
      try output.flush()
      if follower.isFinished || !follow { break }
      try follower.wait(atMost: .seconds(3600), interrupt: interruption.descriptor)
    }
    withExtendedLifetime(signals) {}
  }
}

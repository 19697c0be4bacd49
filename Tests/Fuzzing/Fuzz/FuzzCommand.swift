// libFuzzer has a main of its own.
#if !FUZZING
public import ArgumentParser
public import FuzzTargets

extension FuzzTarget: ExpressibleByArgument {}

/// What fuzzing needs beside libFuzzer, built as any other program.
@main
struct FuzzCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fuzz",
    abstract: "Makes inputs for a fuzzer, and runs those again that it found.",
    subcommands: [Seeds.self, Run.self]
  )

  /// Makes seeds.
  struct Seeds: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Write a target's first inputs to a folder.")

    @Argument(help: "The target: reader, repair, export or frames.")
    var target: FuzzTarget

    @Argument(help: "A folder that exists.")
    var folder: String

    func run() async throws { try await FuzzSeeds.write(for: target, to: folder) }
  }

  /// Runs inputs.
  struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Feed a target with files, one after the other.")

    @Argument(help: "The target: reader, repair, export or frames.")
    var target: FuzzTarget

    @Argument(help: "The files.")
    var files: [String]

    func run() throws {
      for file in files {
        try FuzzSeeds.read(file).withUnsafeBytes { target.run($0) }
        print("\(file): nothing wrong")
      }
    }
  }
}
#endif

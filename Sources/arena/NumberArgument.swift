import ArgumentParser

/// Whole numbers on the command line, each with what is allowed in its complaint.
enum NumberArgument {
  /// Reads a match's seed.
  ///
  /// - Throws: `ValidationError` that says what a seed is.
  @Sendable static func parseSeed(_ argument: String) throws -> UInt64 {
    guard let seed = UInt64(argument) else {
      throw ValidationError("it must be a whole number in 0…18446744073709551615")
    }
    return seed
  }

  /// Reads a number of games.
  ///
  /// - Throws: `ValidationError` that says how many there may be.
  @Sendable static func parseGames(_ argument: String) throws -> Int { try parse(argument, in: 1...1000) }

  /// Reads a number of faults.
  ///
  /// - Throws: `ValidationError` that says how many there may be.
  @Sendable static func parseFaults(_ argument: String) throws -> Int { try parse(argument, in: 0...1_000_000) }

  /// Reads a game's number.
  ///
  /// - Throws: `ValidationError` that says which there may be.
  @Sendable static func parseGame(_ argument: String) throws -> Int { try parse(argument, in: 0...Int(UInt32.max)) }

  /// Reads a step's number.
  ///
  /// - Throws: `ValidationError` that says which there may be.
  @Sendable static func parseStep(_ argument: String) throws -> Int { try parse(argument, in: 1...Int.max) }

  /// Reads a number of lines.
  ///
  /// - Throws: `ValidationError` that says how many there may be.
  @Sendable static func parseLines(_ argument: String) throws -> Int { try parse(argument, in: 0...100_000) }

  /// Reads a file's size in bytes.
  ///
  /// - Throws: `ValidationError` that says which there may be.
  @Sendable static func parseBytes(_ argument: String) throws -> Int { try parse(argument, in: 1...5 << 40) }
  /// Reads a port; 0 stands for any that is free.
  ///
  /// - Throws: `ValidationError` that says which there may be.
  @Sendable static func parsePort(_ argument: String) throws -> UInt16 { UInt16(try parse(argument, in: 0...65_535)) }

  private static func parse(_ argument: String, in range: ClosedRange<Int>) throws -> Int {
    guard let number = Int(argument), range.contains(number) else {
      throw ValidationError("it must be a whole number in \(range.lowerBound)…\(range.upperBound)")
    }
    return number
  }
}

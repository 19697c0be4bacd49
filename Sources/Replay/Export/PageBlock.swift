internal import AgentProtocol
internal import ArenaCore

/// The frames that a page's browser decodes at once: up to 1,024 of one game, or about 256 KiB.
///
/// The bytes of a block, little-endian, before they are compressed:
///
/// | bytes | |
/// |---|---|
/// | u32, u32 | frames, seats |
/// | per seat u32, u32 | 1 where the seat has observations of its own, 0 where they are all seat 0's; bytes of an action mask |
/// | columns | `step` u32 and `time` u64 (microseconds since the Unix epoch), both as differences; `flags` u8 |
/// | per seat: columns | `flags` u8, `fault` u8, `reward` f64, `think_time` u64 (microseconds), the action, the observation as differences where the seat has its own, the mask |
/// | the rest | JSON: what only some frames have, as `[[frame, {…}], …]` |
///
/// `PageColumns` says how a column is laid out. `Page/block.js` reads this.
struct PageBlock {
  /// Frames in a block at most.
  static let mostFrames = 1024
  /// Bytes gathered after which a block is closed.
  static let mostBytes = 262_144

  /// What is true of a frame.
  enum FrameFlag {
    static let terminated: UInt8 = 1
    static let truncated: UInt8 = 2
  }

  /// What is true of a seat in a frame.
  enum SeatFlag {
    static let acted: UInt8 = 1
    static let forfeited: UInt8 = 2
    static let platformStall: UInt8 = 4
    static let hasAction: UInt8 = 8
    static let hasObservation: UInt8 = 16
    static let hasMask: UInt8 = 32
  }

  /// One seat's rows.
  private struct Seat {
    var flags: [UInt8] = []
    var faults: [UInt8] = []
    var rewards: [UInt8] = []
    var thinkTimes: [UInt8] = []
    var actions: [UInt8] = []
    /// Empty as long as the seat sees what seat 0 sees.
    var observations: [UInt8] = []
    var masks: [UInt8] = []
    var maskSize = 0

    mutating func removeAll() {
      flags.removeAll(keepingCapacity: true)
      faults.removeAll(keepingCapacity: true)
      rewards.removeAll(keepingCapacity: true)
      thinkTimes.removeAll(keepingCapacity: true)
      actions.removeAll(keepingCapacity: true)
      observations.removeAll(keepingCapacity: true)
      masks.removeAll(keepingCapacity: true)
      maskSize = 0
    }
  }

  private let observation: (size: Int, runs: [PageColumns.Run])
  private let action: (size: Int, runs: [PageColumns.Run])
  private var steps: [UInt8] = []
  private var times: [UInt8] = []
  private var flags: [UInt8] = []
  private var seats: [Seat] = []
  private var rarities = PageRarities()
  private var bytes = 0

  /// Frames gathered.
  private(set) var frames = 0

  /// An empty block for observations and actions of these layouts.
  init(observation: SpaceLayout, action: SpaceLayout) {
    self.observation = (observation.size, PageColumns.runs(of: observation))
    self.action = (action.size, PageColumns.runs(of: action))
  }

  /// Whether it is time to close the block.
  var isFull: Bool { frames >= Self.mostFrames || bytes >= Self.mostBytes }

  /// Whether a frame of so many seats can follow.
  func takes(seats count: Int) -> Bool { frames == 0 || seats.count == count }

  /// Gathers a frame.
  mutating func add(_ frame: ReplayFrame) {
    if frames == 0, seats.count != frame.seats.count {
      seats = [Seat](repeating: Seat(), count: frame.seats.count)
    }
    Self.append(UInt32(clamping: frame.step), to: &steps)
    Self.append(frame.timeNanoseconds / 1000, to: &times)
    flags.append(
      (frame.terminated ? FrameFlag.terminated : 0) | (frame.truncated ? FrameFlag.truncated : 0)
    )
    for index in frame.seats.indices { add(frame.seats[index], index, seatZero: frame.seats[0].observation) }
    rarities.add(frame, at: frames, observationSize: observation.size, actionSize: action.size)
    bytes = steps.count * 4 + rarities.count
    for seat in seats {
      bytes += seat.observations.count + seat.actions.count + seat.masks.count + seat.rewards.count * 2
    }
    frames += 1
  }

  private mutating func add(_ seat: ReplayFrame.Seat, _ index: Int, seatZero: [UInt8]) {
    var flags: UInt8 = 0
    if seat.acted { flags |= SeatFlag.acted }
    if seat.forfeited { flags |= SeatFlag.forfeited }
    if seat.platformStall { flags |= SeatFlag.platformStall }
    if seat.action.count == action.size, !seat.action.isEmpty {
      flags |= SeatFlag.hasAction
      seats[index].actions.append(contentsOf: seat.action)
    } else {
      seats[index].actions.append(contentsOf: repeatElement(0, count: action.size))
    }
    if seat.observation.count == observation.size { flags |= SeatFlag.hasObservation }
    addObservation(seat.observation, index, seatZero: seatZero)
    if addMask(seat.actionMask, index) { flags |= SeatFlag.hasMask }
    seats[index].flags.append(flags)
    seats[index].faults.append(UInt8(truncatingIfNeeded: seat.fault?.replayNumber ?? 0))
    Self.append(seat.reward.bitPattern, to: &seats[index].rewards)
    Self.append(seat.thinkTimeMicroseconds, to: &seats[index].thinkTimes)
  }

  private mutating func addObservation(_ bytes: [UInt8], _ index: Int, seatZero: [UInt8]) {
    let isWhole = bytes.count == observation.size
    if index > 0, seats[index].observations.isEmpty {
      if bytes == seatZero { return }
      // What was left out until now is seat 0's.
      seats[index].observations.append(contentsOf: seats[0].observations.prefix(frames * observation.size))
    }
    if isWhole {
      seats[index].observations.append(contentsOf: bytes)
    } else if frames > 0 {
      // Nothing changes: that takes no space.
      seats[index].observations.append(contentsOf: seats[index].observations.suffix(observation.size))
    } else {
      seats[index].observations.append(contentsOf: repeatElement(0, count: observation.size))
    }
  }

  /// Whether the mask has a place of its own.
  private mutating func addMask(_ mask: [UInt8], _ index: Int) -> Bool {
    if seats[index].maskSize == 0 {
      guard !mask.isEmpty else { return false }
      seats[index].maskSize = mask.count
      seats[index].masks.append(contentsOf: repeatElement(0, count: frames * mask.count))
    }
    let isUsual = mask.count == seats[index].maskSize
    if isUsual {
      seats[index].masks.append(contentsOf: mask)
    } else {
      seats[index].masks.append(contentsOf: repeatElement(0, count: seats[index].maskSize))
    }
    return isUsual
  }

  private static func append<Word: FixedWidthInteger>(_ word: Word, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: word.littleEndian) { bytes.append(contentsOf: $0) }
  }

  /// The block's bytes; it is empty afterwards.
  mutating func close() -> [UInt8] {
    var block: [UInt8] = []
    block.reserveCapacity(bytes + bytes / 2 + 1024)
    Self.append(UInt32(frames), to: &block)
    Self.append(UInt32(seats.count), to: &block)
    for seat in seats {
      Self.append(UInt32(seat.observations.isEmpty ? 0 : 1), to: &block)
      Self.append(UInt32(seat.maskSize), to: &block)
    }
    Self.append(column: steps, of: 4, areDifferences: true, to: &block)
    Self.append(column: times, of: 8, areDifferences: true, to: &block)
    block += flags
    for seat in seats {
      block += seat.flags
      block += seat.faults
      Self.append(column: seat.rewards, of: 8, areDifferences: false, to: &block)
      Self.append(column: seat.thinkTimes, of: 8, areDifferences: false, to: &block)
      for run in action.runs {
        PageColumns.append(run, of: seat.actions, rowSize: action.size, areDifferences: false, to: &block)
      }
      if !seat.observations.isEmpty {
        for run in observation.runs {
          PageColumns.append(run, of: seat.observations, rowSize: observation.size, areDifferences: true, to: &block)
        }
      }
      if seat.maskSize > 0 {
        let run = PageColumns.Run(offset: 0, itemSize: 1, count: seat.maskSize)
        PageColumns.append(run, of: seat.masks, rowSize: seat.maskSize, areDifferences: false, to: &block)
      }
    }
    block += rarities.close()
    removeAll()
    return block
  }

  private static func append(column: [UInt8], of size: Int, areDifferences: Bool, to block: inout [UInt8]) {
    let run = PageColumns.Run(offset: 0, itemSize: size, count: 1)
    PageColumns.append(run, of: column, rowSize: size, areDifferences: areDifferences, to: &block)
  }

  private mutating func removeAll() {
    steps.removeAll(keepingCapacity: true)
    times.removeAll(keepingCapacity: true)
    flags.removeAll(keepingCapacity: true)
    for index in seats.indices { seats[index].removeAll() }
    frames = 0
    bytes = 0
  }
}

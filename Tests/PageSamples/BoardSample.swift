import AgentProtocol
import ArenaCore
import Replay

/// Board games as PettingZoo's classic ones show them: a seat's own pieces in the first plane, the other's in the second.
struct BoardSample {
  private let environment: String
  private let rows: Int
  private let columns: Int
  private let actions: Int
  /// The squares on which pieces came to lie, in the order of moves, and the actions that put them there.
  private let moves: [(square: Int, action: Int)]

  /// Tic-tac-toe, whose squares PettingZoo numbers column by column. The first seat wins along a diagonal.
  static var ticTacToe: BoardSample {
    BoardSample(
      environment: "pettingzoo:classic/tictactoe_v3",
      rows: 3,
      columns: 3,
      actions: 9,
      moves: [4, 1, 0, 2, 8].map { ($0, $0) }
    )
  }

  /// Connect four, in which pieces fall. The first seat wins with a row on the ground.
  static var connectFour: BoardSample {
    var heights = [Int](repeating: 0, count: 7)
    return BoardSample(
      environment: "pettingzoo:classic/connect_four_v3",
      rows: 6,
      columns: 7,
      actions: 7,
      moves: [3, 3, 2, 2, 4, 4, 5].map { column in
        heights[column] += 1
        return ((6 - heights[column]) * 7 + column, column)
      }
    )
  }

  func record(to path: String) throws {
    let observation = try SpaceLayout(
      .dict([
        ("observation", .box(.int8, shape: [rows, columns, 2], low: 0, high: 1)),
        ("action_mask", .box(.int8, shape: [actions], low: 0, high: 1)),
      ])
    )
    let action = try SpaceLayout(.discrete(n: Int64(actions)))
    var recorder = try SampleRecorder(
      path,
      environment: environment,
      agents: ["deep-thought", "marvin"],
      observation: observation,
      action: action
    )
    var board = [Int?](repeating: nil, count: rows * columns)
    func views() throws -> [[UInt8]] {
      try [0, 1].map { seat in
        try observation.bytes(
          of: .object([
            "observation": .array(
              board.flatMap { piece in [piece == seat, piece == 1 - seat].map { .integer($0 ? 1 : 0) } }
            ), "action_mask": .array(mask(board).map { .integer(Int64($0)) }),
          ])
        )
      }
    }
    recorder.beginGame(seats: [0, 1], observations: try views())
    for (number, move) in moves.enumerated() {
      let mover = number % 2
      let legal = mask(board)
      board[move.square] = mover
      let isLast = number == moves.count - 1
      let seen = try views()
      recorder.add(
        try [0, 1].map { seat in
          ReplayFrame.Seat(
            observation: seen[seat],
            action: seat == mover ? try action.bytes(of: .integer(Int64(move.action))) : [],
            reward: isLast ? (seat == mover ? 1 : -1) : 0,
            thinkTimeMicroseconds: seat == mover ? UInt64(900 + number * 140) : 0,
            acted: seat == mover,
            actionMask: seat == mover ? legal : []
          )
        },
        isLast: isLast
      )
    }
    recorder.endGame()
    recorder.finish()
  }

  /// Which actions are legal.
  private func mask(_ board: [Int?]) -> [UInt8] {
    (0..<actions).map { action in board[action] == nil ? 1 : 0 }
  }
}

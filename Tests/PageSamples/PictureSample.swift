import AgentProtocol
import ArenaCore
import Replay

/// Games whose observations are pictures.
struct PictureSample {
  private let environment: String
  private let observation: Space
  private let steps: Int
  private let pixel: (_ step: Int, _ row: Int, _ column: Int, _ plane: Int) -> UInt8
  private let shape: (rows: Int, columns: Int, planes: Int)

  /// An image in colour, in which a bright square wanders.
  static var image: PictureSample {
    PictureSample(
      environment: "pettingzoo:butterfly/wanderer_v1",
      observation: .box(.uint8, shape: [84, 96, 3], low: 0, high: 255),
      steps: 90,
      pixel: { step, row, column, plane in
        let isSquare = abs(row - (step % 70 + 7)) < 6 && abs(column - (step * 2 % 80 + 8)) < 6
        return isSquare ? [255, 200, 90][plane] : UInt8(30 + row / 4 + plane * 12 + column / 8)
      },
      shape: (84, 96, 3)
    )
  }

  /// A board of 8 × 8 with 20 planes, as chess has them.
  static var planes: PictureSample {
    PictureSample(
      environment: "pettingzoo:classic/chess_v6",
      observation: .box(.bool, shape: [8, 8, 20], low: 0, high: 1),
      steps: 40,
      pixel: { step, row, column, plane in (row * 3 + column * 5 + plane * 7 + step) % 11 == 0 ? 1 : 0 },
      shape: (8, 8, 20)
    )
  }

  func record(to path: String) throws {
    let layout = try SpaceLayout(observation)
    let action = try SpaceLayout(.discrete(n: 4))
    var recorder = try SampleRecorder(
      path,
      environment: environment,
      agents: ["left", "right"],
      observation: layout,
      action: action
    )
    recorder.beginGame(seats: [0, 1], observations: [bytes(0, layout), bytes(0, layout)])
    for step in 1...steps {
      let seen = bytes(step, layout)
      recorder.add(
        try [0, 1].map { seat in
          ReplayFrame.Seat(
            observation: seen,
            action: try action.bytes(of: .integer(Int64((step + seat) % 4))),
            reward: seat == 0 ? 0.5 : -0.5,
            thinkTimeMicroseconds: 400
          )
        },
        isLast: step == steps
      )
    }
    recorder.endGame()
    recorder.finish()
  }

  private func bytes(_ step: Int, _ layout: SpaceLayout) -> [UInt8] {
    var bytes: [UInt8] = []
    for row in 0..<shape.rows {
      for column in 0..<shape.columns {
        for plane in 0..<shape.planes { bytes.append(pixel(step, row, column, plane)) }
      }
    }
    return bytes + [UInt8](repeating: 0, count: layout.size - bytes.count)
  }
}

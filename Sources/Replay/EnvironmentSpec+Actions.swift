internal import Environments

extension EnvironmentSpec {
  /// The actions of all seats, seat after seat, as `Environment.step` takes them: zeros for a seat that did not act. Nil if they do not fit this game.
  func joined(_ seatActions: [[UInt8]]) -> [UInt8]? {
    guard seatActions.count == seats else { return nil }
    var actions: [UInt8] = []
    for seatAction in seatActions {
      guard seatAction.isEmpty || seatAction.count == action.size else { return nil }
      actions += seatAction.isEmpty ? [UInt8](repeating: 0, count: action.size) : seatAction
    }
    return actions
  }
}

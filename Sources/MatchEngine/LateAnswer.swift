/// An answer to an earlier step of the game being played, which is recorded with the step during which it came.
struct LateAnswer {
  /// The seat that answered.
  var seat: Int
  /// The step that it answered, from 1.
  var step: Int
  /// From that step's deadline to the answer, in nanoseconds.
  var delay: Int64
}

internal import ArgumentParser

/// A part of the step benchmark.
enum StepPart: String, CaseIterable, ExpressibleByArgument {
  /// Two native agents beside a C ping-pong.
  case native
  /// Two Python agents beside a loop in one process.
  case python
  /// How late deadlines are noticed.
  case overshoot
  /// From the orchestrator's start to the first observation.
  case startup
  /// Peak memory of a short and a long match.
  case memory
}

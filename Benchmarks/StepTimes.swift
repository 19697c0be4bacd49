/// The steps of one round: how long each took.
struct StepTimes {
  /// Median, in nanoseconds.
  let p50: Double
  /// 99th percentile, in nanoseconds.
  let p99: Double
  /// Steps per second over the whole round.
  let rate: Double

  /// The steps between neighbouring `instants`, in nanoseconds, less the first `skipping`, in which caches fill.
  init(instants: some Collection<Int64>, skipping: Int) {
    let kept = Array(instants.dropFirst(skipping))
    precondition(kept.count > 1, "no steps")
    let steps = zip(kept.dropFirst(), kept).map { $0 - $1 }.sorted()
    p50 = Double(steps[steps.count / 2])
    p99 = Double(steps[min(steps.count - 1, steps.count * 99 / 100)])
    rate = Double(steps.count) / (Double(kept[kept.count - 1] - kept[0]) / 1e9)
  }
}

/// Peak memory of a long match beside a short one's, each in a process of its own.
struct PeakMemoryBenchmark {
  func run(into report: inout BenchmarkReport) throws(BenchmarkError) {
    let short = try Self.peak(steps: 1000)
    let long = try Self.peak(steps: 1_000_000)
    report.add("step.peak_memory_1000_steps", short, "MiB")
    report.add("step.peak_memory_1000000_steps", long, "MiB")
    report.add("step.peak_memory_growth", long - short, "MiB")
  }

  private static func peak(steps: Int) throws(BenchmarkError) -> Double {
    let output = try ChildProcess.ofThisProgram(["peak-memory", "--steps", "\(steps)"], keepsOutput: true).finish()
    guard let kibibytes = output.split(separator: "\n").last.flatMap({ Double($0) }) else {
      throw BenchmarkError("peak-memory printed \(output)")
    }
    return kibibytes / 1024
  }
}

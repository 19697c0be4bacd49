internal import Glibc

/// `h2load`, a client that is nobody's here.
struct HTTP2Load {
  /// Calls at a time: connections, and calls on each.
  struct Concurrency {
    var connections: Int
    var calls: Int
    var total: Int { connections * calls }
  }

  /// What a run showed.
  struct Outcome {
    /// Calls per second.
    var rate: Double
    /// The time within which 99 of 100 calls were answered, in microseconds.
    var p99: Double
  }

  private let program: String

  /// Finds the program.
  ///
  /// - Throws: `BenchmarkError` that says where to get it.
  init() throws(BenchmarkError) {
    let candidates = (getenv("PATH").map { String(cString: $0) } ?? "").split(separator: ":").map { "\($0)/h2load" }
    guard let program = candidates.first(where: { access($0, X_OK) == 0 }) else {
      throw BenchmarkError(
        "h2load is missing: apt-get install nghttp2-client, or scripts/install-dependencies.sh --bench"
      )
    }
    self.program = program
  }

  /// Makes `calls` unary calls with the body in `bodyFile`.
  ///
  /// - Throws: `BenchmarkError` unless every call got status 200.
  func run(
    port: Int,
    calls: Int,
    _ concurrency: Concurrency,
    bodyFile: String,
    folder: ScratchFolder
  ) throws(BenchmarkError) -> Outcome {
    let log = folder.file("h2load-\(concurrency.total).log")
    unlink(log)
    let output = try ChildProcess(
      [
        program, "-n", "\(calls)", "-c", "\(concurrency.connections)", "-m", "\(concurrency.calls)", "-t", "1",
        "-d", bodyFile, "-H", "content-type: application/grpc", "-H", "te: trailers", "--log-file=\(log)",
        "http://127.0.0.1:\(port)/bench.Echo/Get",
      ],
      keepsOutput: true
    ).finish()
    guard let rate = Self.rate(in: output), output.contains("status codes: \(calls) 2xx") else {
      throw BenchmarkError("h2load did not get the answers that it should: \(output)")
    }
    let times = try Self.times(in: log).sorted()
    guard times.count == calls else { throw BenchmarkError("h2load logged \(times.count) of \(calls) calls") }
    return Outcome(rate: rate, p99: times[(times.count - 1) * 99 / 100])
  }

  /// Starts calls of `bench.Echo/Wait`, all at once. They are in flight until the client is ended.
  func startWaiting(port: Int, _ concurrency: Concurrency, bodyFile: String) throws(BenchmarkError) -> ChildProcess {
    try ChildProcess(
      [
        program, "-n", "\(concurrency.total)", "-c", "\(concurrency.connections)", "-m", "\(concurrency.calls)", "-t",
        "1", "-d", bodyFile, "-H", "content-type: application/grpc", "-H", "te: trailers",
        "http://127.0.0.1:\(port)/bench.Echo/Wait",
      ],
      keepsOutput: true
    )
  }

  /// `finished in 1.23s, 45678.90 req/s, 1.23MB/s`
  private static func rate(in output: String) -> Double? {
    for line in output.split(separator: "\n") where line.hasPrefix("finished in") {
      return line.split(separator: ",").dropFirst().first?.split(separator: " ").first.flatMap { Double($0) }
    }
    return nil
  }

  /// Lines of start, status and microseconds, with tabs between.
  private static func times(in file: String) throws(BenchmarkError) -> [Double] {
    guard let stream = fopen(file, "r") else { throw BenchmarkError("h2load wrote no \(file)") }
    defer { fclose(stream) }
    var times: [Double] = []
    var start: Int = 0
    var status: Int32 = 0
    var time: Int = 0
    while withUnsafeMutablePointer(
      to: &start,
      { start in
        withUnsafeMutablePointer(to: &status) { status in
          withUnsafeMutablePointer(to: &time) { time in
            withVaList([start, status, time]) { vfscanf(stream, "%ld %d %ld", $0) }
          }
        }
      }
    ) == 3 {
      times.append(Double(time))
    }
    return times
  }
}

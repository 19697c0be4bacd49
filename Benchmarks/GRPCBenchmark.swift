internal import GRPCCore
internal import GRPCEcho
internal import GRPCNIOTransportHTTP2
internal import Glibc

/// Unary calls to two servers that differ in their transport alone.
struct GRPCBenchmark {
  /// Rounds of each kind.
  var rounds: Int
  /// Calls per round at 16 and 256 at a time.
  var calls: Int

  /// A client has one connection, as gRPC's channels do; 256 calls at a time come from several.
  private static let concurrencies = [
    HTTP2Load.Concurrency(connections: 1, calls: 1),
    HTTP2Load.Concurrency(connections: 1, calls: 16),
    HTTP2Load.Concurrency(connections: 8, calls: 32),
  ]
  /// Calls that wait, as a backend has them for its matches. The other transport takes 100 on a connection.
  private static let waiting = HTTP2Load.Concurrency(connections: 20, calls: 100)
  private static let message: [UInt8] = Array("a message of thirty-two bytes...".utf8)

  /// What one server showed at one concurrency.
  private struct Measurements {
    var rates: [Double] = []
    var p99s: [Double] = []
    /// Processor time per call, in microseconds.
    var costs: [Double] = []
  }

  func run(into report: inout BenchmarkReport) async throws {
    let load = try HTTP2Load()
    let folder = try ScratchFolder()
    let body = folder.file("body")
    try Self.write([0, 0, 0, 0, UInt8(Self.message.count)] + Self.message, to: body)
    let servers = try GRPCServerProcess.Kind.allCases.map { kind in try GRPCServerProcess(kind) }
    for server in servers { try await Self.check(server) }
    let idle = servers.map(\.residentMemory)

    for concurrency in Self.concurrencies {
      let calls = concurrency.total == 1 ? calls / 4 : calls
      var measured = servers.map { _ in Measurements() }
      for round in -1..<rounds {
        for (index, server) in servers.enumerated() {
          let before = server.processorTime
          let outcome = try load.run(port: server.port, calls: calls, concurrency, bodyFile: body, folder: folder)
          // The first round warms up.
          guard round >= 0 else { continue }
          measured[index].rates.append(outcome.rate)
          measured[index].p99s.append(outcome.p99)
          measured[index].costs.append((server.processorTime - before) / Double(calls) * 1e6)
        }
      }
      for (server, measured) in zip(servers, measured) {
        let name = "grpc.unary\(concurrency.total).\(server.kind)"
        report.add("\(name).rate", median(measured.rates), "1/s")
        report.add("\(name).p99", median(measured.p99s), "us")
        report.add("\(name).cpu", median(measured.costs), "us")
      }
      let name = "grpc.unary\(concurrency.total)"
      report.addRatio("\(name).rate_vs_nio", median(measured[0].rates) / median(measured[1].rates))
      report.addRatio("\(name).cpu_vs_nio", median(measured[0].costs) / median(measured[1].costs))
      report.addRatio("\(name).p99_vs_nio", median(measured[0].p99s) / median(measured[1].p99s))
    }

    for server in servers { try await Self.check(server) }
    let loaded = servers.map(\.residentMemory)
    for (index, server) in servers.enumerated() {
      report.add("grpc.\(server.kind).rss_idle", idle[index], "MiB")
      report.add("grpc.\(server.kind).rss", loaded[index], "MiB")
    }
    report.addRatio("grpc.rss_vs_nio", loaded[0] / loaded[1])

    var perCall: [Double] = []
    for kind in GRPCServerProcess.Kind.allCases {
      perCall.append(try await Self.waitingMemory(of: kind, load, bodyFile: body))
      report.add("grpc.waiting\(Self.waiting.total).\(kind).memory_per_call", perCall[perCall.count - 1], "KiB")
    }
    report.addRatio("grpc.waiting\(Self.waiting.total).memory_vs_nio", perCall[0] / perCall[1])
    let load16 = Self.concurrencies[1]
    let load256 = Self.concurrencies[2]
    report.note(
      "grpc: \(Self.message.count) bytes each way; 16 calls at a time on \(load16.connections) connection, "
        + "256 on \(load256.connections). cpu is the server's processor time per call."
    )
  }

  /// What a call that waits for its answer adds to a server's memory, in KiB, its share of the connection included.
  private static func waitingMemory(
    of kind: GRPCServerProcess.Kind,
    _ load: HTTP2Load,
    bodyFile: String
  ) async throws -> Double {
    let server = try GRPCServerProcess(kind)
    try await check(server)
    let before = server.residentMemory
    let client = try load.startWaiting(port: server.port, waiting, bodyFile: bodyFile)
    defer { client.kill() }
    try await withClient(of: server) { client in
      _ = try await call(client, WaitMethod.arrived, [UInt8](repeating: 0, count: waiting.total))
    }
    return (server.residentMemory - before) * 1024 / Double(waiting.total)
  }

  /// Has a real gRPC client see that the server answers, and refuses what it should.
  private static func check(_ server: GRPCServerProcess) async throws {
    try await withClient(of: server) { client in
      let answer = try await call(client, EchoMethod.descriptor, message)
      guard answer == message else { throw BenchmarkError("the \(server.kind) server answers with other bytes") }
      do {
        _ = try await call(client, MethodDescriptor(fullyQualifiedService: "bench.Echo", method: "None"), message)
        throw BenchmarkError("the \(server.kind) server has a method that it has not")
      } catch let error as RPCError where error.code == .unimplemented {
        return
      }
    }
  }

  private static func withClient(
    of server: GRPCServerProcess,
    _ body: (GRPCClient<HTTP2ClientTransport.Posix>) async throws -> Void
  ) async throws {
    try await withGRPCClient(
      transport: .http2NIOPosix(
        target: .ipv4(address: "127.0.0.1", port: server.port),
        transportSecurity: .plaintext
      ),
      handleClient: body
    )
  }

  private static func call(
    _ client: GRPCClient<some ClientTransport>,
    _ method: MethodDescriptor,
    _ message: [UInt8]
  ) async throws -> [UInt8] {
    var options = CallOptions.defaults
    options.timeout = .seconds(60)
    return try await client.unary(
      request: ClientRequest(message: message),
      descriptor: method,
      serializer: EchoMethod.Bytes(),
      deserializer: EchoMethod.Bytes(),
      options: options
    ) { try $0.message }
  }

  private static func write(_ bytes: [UInt8], to path: String) throws(BenchmarkError) {
    guard let file = fopen(path, "w") else { throw BenchmarkError("\(path) cannot be written: errno \(errno)") }
    defer { fclose(file) }
    fwrite(bytes, 1, bytes.count, file)
  }
}

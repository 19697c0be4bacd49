import GRPCCore
import GRPCNghttp2Transport
import Testing

@Suite("Back-pressure", .timeLimit(.minutes(10)))
struct BackPressureTests {
  @Test("a client that does not read stops the handler's writes", arguments: [RPCExecution.eventLoop, .threadPool])
  func slowReader(execution: RPCExecution) async throws {
    let written = Counter()
    let flood: RunningServer.Handler = { _, _ in
      StreamingServerResponse { writer in
        let message = [UInt8](repeating: 1, count: 10_000)
        while written.value < 1000 {
          try await writer.write(message)
          written.add()
        }
        return [:]
      }
    }
    var configuration = TransportConfiguration()
    configuration.execution = execution
    try await RunningServer.run(configuration, methods: ["Flood": flood]) { server async throws in
      let client = try RawClient(port: server.port)
      defer { client.close() }
      try await client.start()
      try await client.request(stream: 1, path: "/test.Test/Flood", ends: true)
      // The client's window is 65,535 bytes, and the server collects as much again.
      var received = 0
      while received < 65_535 { received += try await client.frame(.data).payload.count }
      try await settled(written)
      #expect(written.value <= 14, "\(written.value) messages of 10,000 bytes were written")
      // Room for half as much again lets the handler go on that far.
      try await client.send(RawFrame(kind: .windowUpdate, stream: 1, payload: RawFrame.number(50_000)))
      try await client.send(RawFrame(kind: .windowUpdate, payload: RawFrame.number(50_000)))
      while received < 115_535 { received += try await client.frame(.data).payload.count }
      while written.value < 14 { try await Task.sleep(for: .milliseconds(5)) }
      try await settled(written)
      #expect(written.value <= 19, "\(written.value) messages of 10,000 bytes were written")
      try await client.send(RawFrame(kind: .windowUpdate, stream: 1, payload: RawFrame.number(20_000_000)))
      try await client.send(RawFrame(kind: .windowUpdate, payload: RawFrame.number(20_000_000)))
      let rest = try await client.answer(stream: 1)
      #expect(received + rest.data.count == 1000 * 10_005)
      #expect(rest.head["grpc-status"] == "0" || rest.trailers["grpc-status"] == "0")
    }
  }

  /// Waits until a counter has not moved for a while.
  private func settled(_ counter: Counter) async throws {
    var last = -1
    while last != counter.value {
      last = counter.value
      try await Task.sleep(for: .milliseconds(100))
    }
  }

  @Test("a client that takes no bytes at all neither holds up others nor has the server collect them")
  func stuckSocket() async throws {
    let written = Counter()
    let flood: RunningServer.Handler = { _, context in
      StreamingServerResponse { writer in
        while true {
          try await writer.write([UInt8](repeating: 1, count: 10_000))
          written.add(10_000)
        }
      }
    }
    try await RunningServer.run(methods: ["Flood": flood]) { server async throws in
      let client = try RawClient(port: server.port, receiveBuffer: 4096)
      defer { client.close() }
      // Windows without bounds, but a socket that nobody reads.
      try await client.start(settings: [(4, 0x7FFF_FFFF)])
      try await client.send(RawFrame(kind: .windowUpdate, payload: RawFrame.number(0x7FFF_0000)))
      for stream in 0..<50 as Range<Int32> {
        try await client.request(stream: 2 * stream + 1, path: "/test.Test/Flood")
      }
      try await server.withClient { good async throws in
        for _ in 0..<20 { #expect(try await good.call("Echo", [1]).message == [1]) }
      }
      try await settled(written)
      // 64 KiB for each call, and what the kernel takes.
      #expect(written.value < 20_000_000, "the server collected \(written.value) bytes for a client that takes none")
    }
  }

  @Test("a handler that does not read gets no more than a window, and the rest when it reads")
  func slowHandler() async throws {
    let mayRead = Signal()
    let read = Counter()
    let sleeper: RunningServer.Handler = { request, _ in
      await mayRead.wait()
      for try await message in request.messages { read.add(message.count) }
      return StreamingServerResponse(single: ServerResponse(message: []))
    }
    try await RunningServer.run(methods: ["Sleeper": sleeper]) { server async throws in
      let client = try RawClient(port: server.port)
      defer { client.close() }
      try await client.start()
      try await client.request(stream: 1, path: "/test.Test/Sleeper")
      let message = MessageBytes(repeating: 1, count: 1000).withUnsafeBytes { [0, 0, 0, 3, 232] + Array($0) }
      for _ in 0..<65 { try await client.data(stream: 1, message) }
      // Another call shows that the connection goes on; no window came for the first stream meanwhile.
      try await client.request(stream: 3, ends: true)
      var updates: [Int32] = []
      while let frame = try await client.frame(), frame.stream != 3 || frame.flags & RawFrame.endStream == 0 {
        if frame.kind == .windowUpdate { updates.append(frame.stream) }
      }
      #expect(!updates.contains(1))
      mayRead.fire()
      let update = try await client.frame(.windowUpdate) { $0.stream == 1 }
      #expect(update.number(at: 0) > 30_000)
      try await client.data(stream: 1, [], ends: true)
      #expect(try await client.answer(stream: 1).status == 0)
      #expect(read.value == 65_000)
    }
  }

  @Test("messages longer than a window arrive, several at a time and beyond what is set aside at once")
  func longMessages() async throws {
    var configuration = TransportConfiguration()
    configuration.messages.maxReservedBytes = 500_000
    try await RunningServer.run(configuration) { server async throws in
      try await server.withClient { client async throws in
        try await withThrowingTaskGroup(of: Void.self) { group in
          for number in 0..<10 {
            group.addTask {
              let message = [UInt8](repeating: UInt8(number), count: 400_000 + number)
              let answer = try await client.call("Echo", message).message
              #expect(answer == message)
            }
          }
          try await group.waitForAll()
        }
      }
    }
  }

  @Test(
    "messages around half a window arrive one after the other",
    arguments: [32_700, 32_760, 32_767, 32_768, 40_000, 65_530]
  )
  func halfWindows(size: Int) async throws {
    try await RunningServer.run { server async throws in
      try await server.withClient { client async throws in
        let count = try await client.stream("Echo") { writer in
          for _ in 0..<50 { try await writer.write([UInt8](repeating: 1, count: size)) }
        } _: { response in
          var count = 0
          for try await message in response.messages where message.count == size { count += 1 }
          return count
        }
        #expect(count == 50)
      }
    }
  }

  @Test("streams of megabytes go both ways at once")
  func bothWays() async throws {
    try await RunningServer.run { server async throws in
      try await server.withClient { client async throws in
        let total = try await client.stream("Echo") { writer in
          for _ in 0..<500 { try await writer.write([UInt8](repeating: 1, count: 20_000)) }
        } _: { response in
          var total = 0
          for try await message in response.messages { total += message.count }
          return total
        }
        #expect(total == 10_000_000)
      }
    }
  }
}

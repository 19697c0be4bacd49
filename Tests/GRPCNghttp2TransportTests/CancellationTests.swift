import GRPCCore
import GRPCNghttp2Transport
import Testing

@Suite("Calls that end early", .timeLimit(.minutes(10)))
struct CancellationTests {
  @Test("by their deadline have their context marked and fail", arguments: [RPCExecution.eventLoop, .threadPool])
  func deadline(execution: RPCExecution) async throws {
    let cancelled = Signal()
    let wait: RunningServer.Handler = { _, context in
      try await context.cancellation.cancelled
      cancelled.fire()
      throw RPCError(code: .aborted, message: "the handler's own idea")
    }
    var configuration = TransportConfiguration()
    configuration.execution = execution
    try await RunningServer.run(configuration, methods: ["Wait": wait]) { server async throws in
      // The deadline is sent as metadata only, so that it is the server that ends the call.
      try await server.withClient { client async throws in
        let error = try await #require(throws: RPCError.self) {
          try await client.call("Wait", metadata: ["grpc-timeout": "50m"]).message
        }
        #expect(error.code == .deadlineExceeded)
        await cancelled.wait()
      }
    }
  }

  @Test("by their deadline do so although the handler does not return")
  func deadlineOfStubbornHandler() async throws {
    let mayReturn = Signal()
    let stubborn: RunningServer.Handler = { _, _ in
      await mayReturn.wait()
      return StreamingServerResponse(single: ServerResponse(message: [1]))
    }
    try await RunningServer.run(methods: ["Stubborn": stubborn]) { server async throws in
      try await server.withClient { client async throws in
        let error = try await #require(throws: RPCError.self) {
          try await client.call("Stubborn", metadata: ["grpc-timeout": "20m"]).message
        }
        #expect(error.code == .deadlineExceeded)
        #expect(!mayReturn.hasFired)
        mayReturn.fire()
      }
    }
  }

  @Test("tell handlers when, and nothing is in the metadata twice")
  func deadlineInContext() async throws {
    let look: RunningServer.Handler = { request, context in
      let deadline = (context.transportSpecific as? RPCTransportContext)?.deadline
      let left = deadline.map { ContinuousClock.now.duration(to: $0) }
      #expect(request.metadata["grpc-timeout"].first { _ in true } == nil)
      let text = left.map { $0 > .seconds(3000) && $0 <= .seconds(3600) ? "an hour" : "\($0)" } ?? "none"
      return StreamingServerResponse(single: ServerResponse(message: Array(text.utf8)))
    }
    try await RunningServer.run(methods: ["Look": look]) { server async throws in
      try await server.withClient { client async throws in
        #expect(try await client.call("Look", metadata: ["grpc-timeout": "1H"]).message == Array("an hour".utf8))
        #expect(try await client.call("Look").message == Array("none".utf8))
        #expect(try await client.call("Look", metadata: ["grpc-timeout": "99999999H"]).message != Array("none".utf8))
      }
    }
  }

  @Test("by a client that goes away cancel the handler, which reads and writes no more")
  func clientCancels() async throws {
    let started = Signal()
    let cancelled = Signal()
    let readEnded = Signal()
    let writeFailed = Signal()
    let handler: RunningServer.Handler = { request, context in
      StreamingServerResponse { writer in
        try await writer.write([1])
        started.fire()
        do {
          // grpc-swift's client ends the request before it resets the stream, so either may be seen.
          for try await _ in request.messages {}
        } catch let error as RPCError where error.code == .cancelled {}
        readEnded.fire()
        try await context.cancellation.cancelled
        cancelled.fire()
        do {
          try await writer.write([2])
        } catch let error as RPCError where error.code == .cancelled {
          writeFailed.fire()
        }
        return [:]
      }
    }
    try await RunningServer.run(methods: ["Hang": handler]) { server async throws in
      try await server.withClient { client async throws in
        let call = Task {
          try await client.stream("Hang") { _ in
            try await Task.sleep(for: .seconds(100))
          } _: { response in
            for try await _ in response.messages {}
          }
        }
        await started.wait()
        call.cancel()
        await readEnded.wait()
        await cancelled.wait()
        await writeFailed.wait()
        _ = await call.result
        #expect(try await client.call("Echo", [5]).message == [5])
      }
    }
  }

  @Test("by a connection that breaks cancel all its handlers")
  func connectionBreaks() async throws {
    let cancelled = Counter()
    let allStarted = Signal()
    let allCancelled = Signal()
    let started = Counter()
    let wait: RunningServer.Handler = { _, context in
      if started.add() == 20 { allStarted.fire() }
      try await context.cancellation.cancelled
      if cancelled.add() == 20 { allCancelled.fire() }
      return StreamingServerResponse(single: ServerResponse(message: []))
    }
    try await RunningServer.run(methods: ["Wait": wait]) { server async throws in
      let client = try RawClient(port: server.port)
      try await client.start()
      for stream in 0..<20 { try await client.request(stream: Int32(stream * 2 + 1), path: "/test.Test/Wait") }
      await allStarted.wait()
      client.close()
      await allCancelled.wait()
    }
  }

  @Test("reach a handler that never waits, beside which other calls go on")
  func busyHandler() async throws {
    let started = Signal()
    let ended = Signal()
    let busy: RunningServer.Handler = { _, context in
      started.fire()
      while !context.cancellation.isCancelled { await Task.yield() }
      ended.fire()
      return StreamingServerResponse(single: ServerResponse(message: []))
    }
    try await RunningServer.run(methods: ["Busy": busy]) { server async throws in
      let client = try RawClient(port: server.port)
      defer { client.close() }
      try await client.start()
      try await client.request(stream: 1, path: "/test.Test/Busy", ends: true)
      await started.wait()
      try await client.request(stream: 3, ends: true)
      #expect(try await client.answer(stream: 3).status == 0)
      try await client.send(RawFrame(kind: .resetStream, stream: 1, payload: RawFrame.number(8)))
      await ended.wait()
    }
  }

  @Test("leave nobody waiting for a request that its handler has answered", arguments: [false, true])
  func readersLeftBehind(breaks: Bool) async throws {
    let readEnded = Signal()
    let mayReturn = Signal()
    // One task reads on although the response is complete; whether the handler has returned by then makes no difference.
    let hasty: RunningServer.Handler = { request, _ in
      Task {
        do {
          for try await _ in request.messages {}
        } catch let error as RPCError where error.code == .cancelled {
          readEnded.fire()
        }
      }
      return StreamingServerResponse { writer in
        try await writer.write([1])
        if breaks { await mayReturn.wait() }
        return [:]
      }
    }
    try await RunningServer.run(methods: ["Hasty": hasty]) { server async throws in
      let client = try RawClient(port: server.port)
      defer { client.close() }
      try await client.start()
      try await client.request(stream: 1, path: "/test.Test/Hasty")
      if breaks {
        _ = try await client.frame(.data)
        client.close()
        await readEnded.wait()
        mayReturn.fire()
        return
      }
      #expect(try await client.answer(stream: 1).status == 0)
      await readEnded.wait()
      // The next call takes the place of the first and gets its own messages.
      try await client.request(stream: 3)
      try await client.data(stream: 3, [0, 0, 0, 0, 1, 9], ends: true)
      #expect(try await client.answer(stream: 3).data == [0, 0, 0, 0, 1, 9])
    }
  }

  @Test("let a handler give up reading or writing when its own task is cancelled")
  func ownCancellation() async throws {
    let gaveUp = Counter()
    let handler: RunningServer.Handler = { request, _ in
      StreamingServerResponse { writer in
        await withTaskGroup(of: Void.self) { group in
          group.addTask {
            do {
              for try await _ in request.messages {}
            } catch is CancellationError {
              gaveUp.add()
            } catch {}
          }
          group.addTask {
            do {
              while true { try await writer.write([UInt8](repeating: 1, count: 10_000)) }
            } catch is CancellationError {
              gaveUp.add()
            } catch {}
          }
          group.addTask { try? await Task.sleep(for: .milliseconds(100)) }
          // The sleeper; reader and writer wait for a client that neither sends nor reads.
          await group.next()
          group.cancelAll()
        }
        throw RPCError(code: .aborted, message: "gave up \(gaveUp.value)")
      }
    }
    try await RunningServer.run(methods: ["GiveUp": handler]) { server async throws in
      let client = try RawClient(port: server.port)
      defer { client.close() }
      try await client.start()
      try await client.request(stream: 1, path: "/test.Test/GiveUp")
      // The window that the client gives is used up at some point, and it gives no more.
      while gaveUp.value < 2 { try await Task.sleep(for: .milliseconds(5)) }
    }
  }
}

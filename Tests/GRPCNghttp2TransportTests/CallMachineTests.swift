import GRPCCore
import Testing

@testable import GRPCNghttp2Transport

@Suite("The state of a call")
struct CallMachineTests {
  private static func machine(limit: Int = 1000, encoding: MessageEncoding = .identity) -> CallMachine {
    var machine = CallMachine()
    machine.begin(metadata: ["name": "value"], messageLimit: limit, encoding: encoding)
    return machine
  }

  /// What a handler reads until it has to wait or the request is over.
  private static func parts(_ machine: inout CallMachine) -> [String] {
    var parts: [String] = []
    while true {
      switch machine.nextPart() {
      case .part(.metadata, _, _): parts.append("metadata")
      case .part(.message(let message), let credit, _): parts.append("message \(message.count), credit \(credit)")
      case .wait: return parts + ["wait"]
      case .end: return parts + ["end"]
      case .failure(let error): return parts + ["\(error.code)"]
      }
    }
  }

  private static func receive(_ machine: inout CallMachine, _ bytes: [UInt8]) -> CallMachine.Arrival {
    bytes.withUnsafeBytes { machine.received($0) }
  }

  /// Takes all bytes that wait to be sent.
  private static func drain(_ machine: inout CallMachine, atMost step: Int = .max) -> [UInt8] {
    var bytes: [UInt8] = []
    while machine.outboundBytes > 0 {
      machine.takeBytes(min(step, machine.outboundBytes)) { bytes += $0 }
    }
    return bytes
  }

  @Test("a request is metadata, messages, the end")
  func request() {
    var machine = Self.machine()
    #expect(Self.parts(&machine) == ["metadata", "wait"])
    guard case .readable = Self.receive(&machine, MessageBytes([1, 2]).framed + [0, 0]) else {
      Issue.record("a message can be read")
      return
    }
    #expect(Self.parts(&machine) == ["message 2, credit 7", "wait"])
    guard case .nothing = Self.receive(&machine, [0]) else {
      Issue.record("half a prefix is nothing to read")
      return
    }
    _ = Self.receive(&machine, [0, 0])
    guard case .readable = machine.requestEnded() else {
      Issue.record("the end can be read")
      return
    }
    #expect(Self.parts(&machine) == ["message 0, credit 5", "end"])
  }

  @Test("a request that ends within a message is a fault")
  func halfMessage() {
    var machine = Self.machine()
    _ = Self.receive(&machine, [0, 0, 0, 0, 4, 1, 2])
    guard case .fault(let error) = machine.requestEnded() else {
      Issue.record("it is no end")
      return
    }
    #expect(error.code == .internalError)
  }

  @Test("a message that is too long is a fault with the limit in its sentence")
  func tooLong() {
    var machine = Self.machine(limit: 3)
    guard case .fault(let error) = Self.receive(&machine, [0, 0, 0, 0, 4]) else {
      Issue.record("it is too long")
      return
    }
    #expect(error.code == .resourceExhausted)
    #expect(error.message.contains("4") && error.message.contains("3"))
  }

  @Test("a compressed message needs an encoding")
  func compressed() {
    var machine = Self.machine()
    guard case .fault = Self.receive(&machine, [1, 0, 0, 0, 0]) else {
      Issue.record("nothing says how it is compressed")
      return
    }
    var other = Self.machine(encoding: .gzip)
    guard case .readable = Self.receive(&other, [1, 0, 0, 0, 0]) else {
      Issue.record("it can be read")
      return
    }
  }

  @Test("a long message asks for room once, and credit comes back only when there is some")
  func reservation() {
    var machine = Self.machine(limit: 100_000)
    _ = Self.receive(&machine, [0, 0, 0, 0x80, 0] + Array(repeating: 1, count: 100))
    #expect(machine.takeReservationWish(above: 0x8000) == 0x8005)
    #expect(machine.takeReservationWish(above: 0x8000) == nil)
    #expect(machine.takePartialCredit() == 0)
    #expect(machine.grantReservation(0x8005) == true)
    #expect(machine.takePartialCredit() == 105)
    _ = Self.receive(&machine, Array(repeating: 1, count: 0x8000 - 100))
    _ = machine.nextPart()
    guard case .part(_, let credit, let reserved) = machine.nextPart() else {
      Issue.record("the message can be read")
      return
    }
    #expect(credit == 0x8000 - 100)
    #expect(reserved == 0x8005)
  }

  @Test("room that was asked for by a message which is complete is not for the next")
  func lateReservation() {
    var machine = Self.machine(limit: 1_000_000)
    _ = Self.receive(&machine, [0, 0, 0, 0x80, 0])
    #expect(machine.takeReservationWish(above: 0x7FFF) == 0x8005)
    _ = Self.receive(&machine, Array(repeating: 1, count: 0x8000) + [0, 0, 4, 0, 0])
    #expect(machine.takeReservationWish(above: 0x7FFF) == 0x4_0005)
    #expect(machine.grantReservation(0x8005) == false)
    #expect(machine.grantReservation(0x4_0005) == true)
  }

  @Test("what was set aside comes back when the call ends early")
  func droppedReservation() {
    var machine = Self.machine(limit: 100_000)
    _ = Self.receive(&machine, [0, 0, 0, 0x80, 0])
    _ = machine.takeReservationWish(above: 10)
    _ = machine.grantReservation(0x8005)
    machine.close(with: RPCError(code: .cancelled, message: ""))
    #expect(machine.takeDroppedReservations() == 0x8005)
    #expect(machine.takeDroppedReservations() == 0)
    #expect(machine.grantReservation(1) == false)
  }

  @Test("a response is head, messages, trailers, in frames of any size", arguments: [1, 3, 7, 1000])
  func response(step: Int) {
    var machine = Self.machine()
    guard case .none = machine.takeHead() else {
      Issue.record("nothing was written")
      return
    }
    _ = machine.write(.metadata(["a": "b"]), limit: 1000)
    _ = machine.write(.message(MessageBytes([1, 2, 3])), limit: 1000)
    _ = machine.write(.message(MessageBytes([4])), limit: 1000)
    guard case .head(let metadata) = machine.takeHead() else {
      Issue.record("there is a head")
      return
    }
    #expect(metadata == ["a": "b"])
    #expect(machine.takeTrailers(after: machine.outboundBytes) == nil)
    _ = machine.write(.status(Status(code: .ok, message: ""), [:]), limit: 1000)
    #expect(machine.takeTrailers(after: 3) == nil, "trailers wait for the last byte")
    #expect(Self.drain(&machine, atMost: step) == [0, 0, 0, 0, 3, 1, 2, 3, 0, 0, 0, 0, 1, 4])
    #expect(machine.takeTrailers(after: 0)?.status.code == .ok)
    #expect(!machine.hasOutput)
  }

  @Test("an error before anything was written is one block of fields")
  func trailersOnly() {
    var machine = Self.machine()
    _ = machine.write(.status(Status(code: .notFound, message: "no"), ["k": "v"]), limit: 1000)
    guard case .trailersOnly(let status, let metadata) = machine.takeHead() else {
      Issue.record("there is no head before it")
      return
    }
    #expect(status.code == .notFound)
    #expect(metadata == ["k": "v"])
    #expect(!machine.hasOutput)
  }

  @Test("a handler that writes more than is sent has to wait")
  func backPressure() {
    var machine = Self.machine()
    _ = machine.write(.metadata([:]), limit: 10)
    guard case .accepted = machine.write(.message(MessageBytes([1, 2, 3, 4, 5])), limit: 10),
      case .full = machine.write(.message(MessageBytes([6])), limit: 10)
    else {
      Issue.record("the second message is more than fits")
      return
    }
  }

  @Test("parts out of order are refused")
  func misuse() {
    func isRejected(_ outcome: CallMachine.WriteOutcome) -> Bool { if case .rejected = outcome { true } else { false } }
    let ok = Status(code: .ok, message: "")
    var early = Self.machine()
    #expect(isRejected(early.write(.message(MessageBytes([])), limit: 10)))
    var twice = Self.machine()
    #expect(!isRejected(twice.write(.metadata([:]), limit: 10)))
    #expect(isRejected(twice.write(.metadata([:]), limit: 10)))
    var late = Self.machine()
    _ = late.write(.status(ok, [:]), limit: 10)
    #expect(isRejected(late.write(.message(MessageBytes([])), limit: 10)))
    #expect(isRejected(late.write(.status(ok, [:]), limit: 10)))
    var unfit = Self.machine()
    #expect(isRejected(unfit.write(.metadata(["a": "\n"]), limit: 10)))
  }

  @Test("a status with metadata that cannot be sent becomes an internal error")
  func unfitTrailers() {
    var machine = Self.machine()
    _ = machine.write(.status(Status(code: .ok, message: ""), ["a": "\n"]), limit: 10)
    guard case .trailersOnly(let status, let metadata) = machine.takeHead() else {
      Issue.record("there are trailers")
      return
    }
    #expect(status.code == .internalError)
    #expect(metadata.isEmpty)
  }

  @Test("an error of the handler whose metadata cannot be sent becomes an internal one")
  func unfitError() {
    var machine = Self.machine()
    machine.finishWriting(with: RPCError(code: .notFound, message: "no", metadata: ["a": "b\r\nc: d"]))
    guard case .trailersOnly(let status, let metadata) = machine.takeHead() else {
      Issue.record("there are trailers")
      return
    }
    #expect(status.code == .internalError)
    #expect(metadata.isEmpty)
  }

  @Test("metadata larger than a header block can be is refused")
  func largeMetadata() {
    let value = String(repeating: "v", count: MetadataFields.mostBytes / 2)
    #expect(MetadataFields.problem(of: ["a": "\(value)"]) == nil)
    #expect(MetadataFields.problem(of: ["a": "\(value)", "b": "\(value)"])?.code == .internalError)
    let bytes = [UInt8](repeating: 1, count: MetadataFields.mostBytes)
    #expect(MetadataFields.problem(of: ["a-bin": .binary(bytes)])?.code == .internalError)
  }

  @Test("a handler that writes no status ends with an error")
  func noStatus() {
    var machine = Self.machine()
    _ = machine.write(.metadata([:]), limit: 10)
    machine.finishWriting(with: nil)
    #expect(machine.takeTrailers(after: 0)?.status.code == .unknown)
    var other = Self.machine()
    other.finishWriting(with: RPCError(code: .aborted, message: "x"))
    guard case .trailersOnly(let status, _) = other.takeHead() else {
      Issue.record("there are trailers")
      return
    }
    #expect(status.code == .aborted)
  }

  @Test("a call that ends early says so to the client and to the handler, once")
  func abort() {
    let late = RPCError(code: .deadlineExceeded, message: "too late")
    var machine = Self.machine()
    _ = Self.receive(&machine, MessageBytes([1]).framed)
    #expect(machine.abort(with: late) == true)
    #expect(machine.abort(with: RPCError(code: .unavailable, message: "")) == false)
    #expect(Self.parts(&machine) == ["metadata", "deadlineExceeded"])
    guard case .rejected(let error) = machine.write(.metadata([:]), limit: 10) else {
      Issue.record("the handler must hear of it")
      return
    }
    #expect(error == late)
    machine.finishWriting(with: nil)
    guard case .trailersOnly(let status, _) = machine.takeHead() else {
      Issue.record("the client must hear of it")
      return
    }
    #expect(status.code == .deadlineExceeded)
  }

  @Test("a call that ends early drops what was not sent, but finishes a message that was begun")
  func abortWithinMessage() {
    var machine = Self.machine()
    _ = machine.write(.metadata([:]), limit: 1000)
    for byte in [1, 2, 3] as [UInt8] { _ = machine.write(.message(MessageBytes([byte])), limit: 1000) }
    _ = machine.takeHead()
    machine.takeBytes(8) { _ in }
    #expect(machine.abort(with: RPCError(code: .unavailable, message: "")) == true)
    #expect(Self.drain(&machine) == [0, 0, 1, 2])
    #expect(machine.takeTrailers(after: 0)?.status.code == .unavailable)
  }

  @Test("a response that is complete is not replaced by an error")
  func abortAfterEnd() {
    var machine = Self.machine()
    _ = machine.write(.status(Status(code: .ok, message: ""), [:]), limit: 10)
    #expect(machine.abort(with: RPCError(code: .deadlineExceeded, message: "")) == false)
  }

  @Test("a place that is used again shows nothing of the call before")
  func reuse() {
    var machine = Self.machine(encoding: .gzip)
    _ = Self.receive(&machine, MessageBytes([1]).framed + [0, 0])
    _ = machine.write(.metadata([:]), limit: 10)
    _ = machine.write(.message(MessageBytes([9])), limit: 10)
    _ = machine.abort(with: RPCError(code: .unavailable, message: ""))
    machine.begin(metadata: [:], messageLimit: 10, encoding: .identity)
    #expect(Self.parts(&machine) == ["metadata", "wait"])
    #expect(!machine.hasOutput)
    #expect(!machine.assembler.isWithinMessage)
    guard case .none = machine.takeHead() else {
      Issue.record("nothing was written")
      return
    }
  }
}

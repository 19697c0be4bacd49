#if FUZZING
internal import FuzzTargets
internal import Glibc

/// What libFuzzer feeds: the environment variable `RL_ARENA_FUZZ` names it.
private let target: FuzzTarget = {
  let name = getenv("RL_ARENA_FUZZ").map { String(cString: $0) } ?? ""
  guard let target = FuzzTarget(rawValue: name) else {
    preconditionFailure("RL_ARENA_FUZZ is \"\(name)\"; one of \(FuzzTarget.allCases.map(\.rawValue)) is right")
  }
  return target
}()

/// libFuzzer's entry. Source: <https://llvm.org/docs/LibFuzzer.html>.
@_cdecl("LLVMFuzzerTestOneInput")
public func runOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  target.run(UnsafeRawBufferPointer(start: start, count: count))
  return 0
}
#endif

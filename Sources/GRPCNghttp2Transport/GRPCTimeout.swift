/// Reads the value of `grpc-timeout`.
///
/// Source: `Timeout` in [gRPC over HTTP/2](https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#requests): one to eight
/// digits, then a unit.
enum GRPCTimeout {
  /// - Returns: The time; `nil` if `value` is no timeout. The largest, 99,999,999 hours, fits.
  static func parse(_ value: UnsafeRawBufferPointer) -> Duration? {
    guard (2...9).contains(value.count), let unit = value.last else { return nil }
    var amount: Int64 = 0
    for digit in value.dropLast() {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
      amount = amount * 10 + Int64(digit - UInt8(ascii: "0"))
    }
    switch unit {
    case UInt8(ascii: "H"): return .seconds(amount * 3600)
    case UInt8(ascii: "M"): return .seconds(amount * 60)
    case UInt8(ascii: "S"): return .seconds(amount)
    case UInt8(ascii: "m"): return .milliseconds(amount)
    case UInt8(ascii: "u"): return .microseconds(amount)
    case UInt8(ascii: "n"): return .nanoseconds(amount)
    default: return nil
    }
  }
}

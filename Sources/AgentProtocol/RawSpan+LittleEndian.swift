extension RawSpan {
  /// The little-endian integer at `offset`, which need not be aligned.
  public func integer<Value: FixedWidthInteger & BitwiseCopyable>(at offset: Int, as type: Value.Type) -> Value {
    Value(littleEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: type))
  }
}

extension MutableRawSpan {
  /// Stores `value` at `offset` in little-endian order; the offset need not be aligned.
  public mutating func store<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value, at offset: Int) {
    storeBytes(of: value.littleEndian, toByteOffset: offset, as: Value.self)
  }

  /// Stores `value` at `offset` in little-endian order. The caller has made sure that it lies within the bytes.
  @inlinable @inline(__always)
  mutating func store<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value, atUnchecked offset: Int) {
    unsafe storeBytes(of: value.littleEndian, toUncheckedByteOffset: offset, as: Value.self)
  }
}

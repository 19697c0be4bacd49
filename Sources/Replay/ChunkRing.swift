import Glibc

/// A bounded queue of preallocated buffers from one producing thread to one consuming thread.
///
/// The producer owns the buffer that is open, the consumer the oldest one that was handed over; two semaphores keep them apart. They are
/// touched once per buffer.
final class ChunkRing {
  private let slots: UnsafeMutablePointer<ChunkBuffer>
  private let count: Int
  private let handedOver: UnsafeMutablePointer<sem_t>
  private let free: UnsafeMutablePointer<sem_t>
  /// Touched by the producer only.
  private var openIndex = 0
  /// Touched by the consumer only.
  private var oldestIndex = 0

  /// A ring that holds `depth` buffers beside the open one, each with room for `capacity` bytes.
  init(depth: Int, capacity: Int) {
    count = depth + 1
    slots = .allocate(capacity: count)
    for index in 0..<count { (slots + index).initialize(to: ChunkBuffer(capacity: capacity)) }
    handedOver = .allocate(capacity: 1)
    free = .allocate(capacity: 1)
    sem_init(handedOver, 0, 0)
    sem_init(free, 0, UInt32(depth))
  }

  deinit {
    slots.deinitialize(count: count)
    slots.deallocate()
    for semaphore in [handedOver, free] {
      sem_destroy(semaphore)
      semaphore.deallocate()
    }
  }

  /// The producer's buffer.
  @inline(__always)
  var open: UnsafeMutablePointer<ChunkBuffer> { slots + openIndex }

  /// Hands the open buffer over and opens the next, if one is free. Never blocks.
  func tryHandOver() -> Bool {
    guard sem_trywait(free) == 0 else { return false }
    openNext()
    return true
  }

  /// Hands the open buffer over and opens the next, as soon as one is free.
  func handOver() {
    Self.wait(free)
    openNext()
  }

  /// The oldest buffer handed over, as soon as there is one; the consumer owns it until it calls `release`.
  func next() -> UnsafeMutablePointer<ChunkBuffer> {
    Self.wait(handedOver)
    return slots + oldestIndex
  }

  /// Gives the oldest buffer back to the producer.
  func release() {
    (slots + oldestIndex).pointee.clear()
    oldestIndex = (oldestIndex + 1) % count
    sem_post(free)
  }

  private func openNext() {
    openIndex = (openIndex + 1) % count
    sem_post(handedOver)
  }

  private static func wait(_ semaphore: UnsafeMutablePointer<sem_t>) {
    while sem_wait(semaphore) != 0 { precondition(errno == EINTR, "a semaphore broke") }
  }
}

import Testing

@testable import ReplayDelivery

/// How files are cut.
@Suite struct PartLayoutTests {
  @Test(arguments: [
    (1, 8 << 20, 1), (8 << 20, 8 << 20, 1), ((8 << 20) + 1, 8 << 20, 2), (40 << 20, 8 << 20, 5),
    (10_000 * (8 << 20), 8 << 20, 10_000), (10_000 * (8 << 20) + 1, 9 << 20, 8889), (5 << 40, 525 << 20, 9987),
  ])
  func `parts have 8 MiB, and more only where there would be more than 10,000`(size: Int, partBytes: Int, count: Int) {
    let layout = PartLayout(size: size)
    #expect(layout.partBytes == partBytes)
    #expect(layout.count == count)
    #expect(layout.count <= 10_000)
    #expect(layout.range(1).lowerBound == 0)
    #expect(layout.range(layout.count).upperBound == size)
    #expect(!layout.range(layout.count).isEmpty)
  }

  @Test func `parts follow upon each other without gaps`() {
    let layout = PartLayout(size: 1003, partBytes: 100)
    var position = 0
    for number in 1...layout.count {
      #expect(layout.range(number).lowerBound == position)
      position = layout.range(number).upperBound
    }
    #expect(position == 1003)
  }

  @Test func `an empty file has one part`() {
    #expect(PartLayout(size: 0, partBytes: 10).count == 1)
    #expect(PartLayout(size: 0, partBytes: 10).range(1) == 0..<0)
  }
}

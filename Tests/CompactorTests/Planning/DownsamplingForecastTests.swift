import BlockCatalog
import TSDBBlock
import Testing

@testable import Compactor

struct DownsamplingForecastTests {
  private static let hour: Int64 = 3_600_000
  private let configuration = CompactorConfiguration(dataDirectory: "/nowhere")

  /// A block of some hours whose number is its identity.
  private func block(
    _ number: Int64, hours: Range<Int64>, resolution: Int64 = 0, sources: [Int64]? = nil
  ) -> BlockMeta {
    var meta = BlockMeta(
      id: BlockID.make(now: 1000 + number), minTime: hours.lowerBound * Self.hour,
      maxTime: hours.upperBound * Self.hour)
    // Identities end in random digits; sources must be the same ones.
    meta.compaction.sources = (sources ?? [number]).map { Self.source($0) }
    var thanos = ThanosMeta()
    thanos.resolution = resolution
    meta.thanos = thanos
    meta.stats.samples = 1
    return meta
  }

  private static func source(_ number: Int64) -> BlockID {
    let digits = String(number)
    return BlockID(String(repeating: "0", count: 26 - digits.count) + digits) ?? .zero
  }

  /// The resolution that a merge of the first `count` blocks gives, where `others` are there too.
  private func forecast(
    _ blocks: [BlockMeta], merging count: Int, others: [BlockMeta] = [],
    configure: (inout CompactorConfiguration) -> Void = { _ in }
  ) -> Int64? {
    var configuration = configuration
    configure(&configuration)
    let group = BlockGroup(key: GroupKey(blocks[0]), blocks: blocks, excluded: [])
    return DownsamplingForecast.resolution(
      ofMerging: Array(blocks[..<count]), in: group, among: blocks + others, configuration)
  }

  /// Six parts of two days and a fresh block.
  private var twoDays: [BlockMeta] {
    (0..<6).map { block($0, hours: $0 * 8..<$0 * 8 + 8) } + [block(6, hours: 48..<50)]
  }

  @Test func `a block of two days gets five minutes`() {
    #expect(forecast(twoDays, merging: 6) == 300_000)
    // Forty hours are long enough, but the rest of the two days will join them.
    #expect(forecast(twoDays, merging: 5) == nil)
    #expect(forecast(Array(twoDays[..<5]) + [block(7, hours: 96..<98)], merging: 5) == 300_000)
    // 32 hours are too short.
    #expect(forecast(twoDays, merging: 4) == nil)
    #expect(forecast(twoDays, merging: 6) { $0.downsamples = false } == nil)
  }

  @Test func `sources that are downsampled already are not due`() {
    let covered = (0..<6).map { block(10 + $0, hours: 0..<48, resolution: 300_000, sources: [$0]) }
    #expect(forecast(twoDays, merging: 6, others: covered) == nil)
    #expect(forecast(twoDays, merging: 6, others: Array(covered[1...])) == 300_000)
  }

  @Test func `a block of five minutes gets an hour when it is ten days long`() {
    func blocks(_ days: Int64) -> [BlockMeta] {
      (0..<days / 2).map { block($0, hours: $0 * 48..<$0 * 48 + 48, resolution: 300_000) }
        + [block(99, hours: 400..<448, resolution: 300_000)]
    }
    #expect(forecast(blocks(14), merging: 7) == 3_600_000)
    #expect(forecast(blocks(14), merging: 4) == nil)
  }

  @Test func `a block of an hour stays as it is`() {
    let blocks = (0..<3).map { block($0, hours: $0 * 336..<$0 * 336 + 336, resolution: 3_600_000) }
    #expect(forecast(blocks, merging: 2) == nil)
  }

  @Test func `what a complete window will take is not due before`() {
    let later = (1..<7).map { block(20 + $0, hours: $0 * 48..<$0 * 48 + 48) }
    let first = Array(twoDays[..<6])
    // The last block says that the fourteen days are over.
    let complete = first + later + [block(90, hours: 336..<338)]
    #expect(forecast(complete, merging: 6) == nil)
    // Without it the last two days are still fresh.
    #expect(forecast(first + later, merging: 6) == 300_000)
  }

  @Test func `blocks of other windows have no say`() {
    let far = (0..<4).map { block(40 + $0, hours: 336 + $0 * 48..<384 + $0 * 48) }
    let blocks = Array(twoDays[..<6]) + far
    #expect(forecast(blocks, merging: 6) == 300_000)
  }
}

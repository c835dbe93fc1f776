internal import Glibc
internal import TSDBBlock

/// What is fuzzed in this run.
///
/// Every target reads its input with the library and ends in an answer or a typed error. A trap, a
/// broken promise (``require(_:_:)``), a hang or too much memory is a finding.
enum FuzzTarget: String, CaseIterable {
  case index, series, postings
  case segment, tombstones, meta, scan
  case xor, histogram, floathistogram, xor2, histogramST, floathistogramST, aggregate
  case regex, selector
  case s3, memcached, redis, servicerecords, diskcache, postingscache

  /// The one named by the environment variable `FUZZ_TARGET`.
  static let chosen: FuzzTarget = {
    let name = getenv("FUZZ_TARGET").map { String(cString: $0) } ?? ""
    if let target = FuzzTarget(rawValue: name) { return target }
    let names = allCases.map(\.rawValue).joined(separator: " ")
    print("FUZZ_TARGET is '\(name)', it must be one of: \(names)")
    exit(2)
  }()

  func run(_ input: [UInt8]) {
    switch self {
    case .index: fuzzIndex(input)
    case .series: fuzzSeries(input)
    case .postings: fuzzPostings(input)
    case .segment: fuzzSegment(input)
    case .tombstones: fuzzTombstones(input)
    case .meta: fuzzMeta(input)
    case .scan: fuzzScan(input)
    case .xor: fuzzFloats(input, .xor)
    case .xor2: fuzzFloats(input, .xor2)
    case .histogram: fuzzHistograms(input, .histogram)
    case .floathistogram: fuzzHistograms(input, .floatHistogram)
    case .histogramST: fuzzHistograms(input, .histogramST)
    case .floathistogramST: fuzzHistograms(input, .floatHistogramST)
    case .aggregate: fuzzAggregate(input)
    case .regex: fuzzRegex(input)
    case .selector: fuzzSelector(input)
    case .s3: fuzzS3(input)
    case .memcached: fuzzMemcached(input)
    case .redis: fuzzRedis(input)
    case .servicerecords: fuzzServiceRecords(input)
    case .diskcache: fuzzDiskCache(input)
    case .postingscache: fuzzPostingsCache(input)
    }
  }
}

/// Called by libFuzzer with each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  FuzzTarget.chosen.run(Array(UnsafeBufferPointer(start: data, count: count)))
  return 0
}

/// Makes a broken promise a finding.
func require(_ condition: Bool, _ promise: @autoclosure () -> String) {
  guard condition else { fatalError("broken promise: \(promise())") }
}

import Foundation
import TestSupport

/// Samples as a real Prometheus answers with them, and as the golden files hold them.
struct AnsweredSamples: Equatable {
  enum Value: Hashable {
    /// Every NaN is the same one.
    case float(UInt64)
    case histogram(count: Double, sum: UInt64)
    case stale

    init(_ value: Double) { self = .float(Self.bits(value)) }

    /// What the function `histogram_count` makes of it.
    var count: Value {
      if case .histogram(let count, _) = self { Value(count) } else { self }
    }

    /// What the function `histogram_sum` makes of it.
    var sum: Value {
      if case .histogram(_, let sum) = self { .float(sum) } else { self }
    }

    static func bits(_ value: Double) -> UInt64 {
      value.isNaN ? Double.nan.bitPattern : value.bitPattern
    }
  }

  var series: [[String: String]: [Int64: Value]] = [:]

  init() {}

  /// - Parameter answer: of the query API, to a query for ranges of samples.
  init(answer: [UInt8]) throws {
    let root = try JSONSerialization.jsonObject(with: Data(answer)) as? [String: Any]
    let data = root?["data"] as? [String: Any]
    for one in data?["result"] as? [[String: Any]] ?? [] {
      guard let labels = one["metric"] as? [String: String] else { continue }
      var samples: [Int64: Value] = [:]
      for pair in one["values"] as? [[Any]] ?? [] {
        guard let time = pair.first as? NSNumber, let text = pair.last as? String,
          let value = number(text)
        else { throw ProcessError(status: 0, message: "unexpected value \(pair)") }
        samples[Self.milliseconds(time)] = Value(value)
      }
      series[labels, default: [:]].merge(samples) { $1 }
    }
  }

  /// What the reference's raw blocks hold, from the golden file with their series.
  init(golden path: String, blocks: Set<String>) throws {
    for line in try Golden.jsonLines(path) {
      guard blocks.contains(line["block"].string ?? "") else { continue }
      var labels: [String: String] = [:]
      for pair in line["labels"].array ?? [] {
        let texts = pair.array?.compactMap(\.string) ?? []
        labels[texts[0]] = texts[1]
      }
      var samples: [Int64: Value] = [:]
      for chunk in line["chunks"].array ?? [] {
        var time: Int64 = 0
        let times = (chunk["t"].array ?? []).compactMap(\.int64).map { step in
          time += step
          return time
        }
        for (time, value) in zip(times, Self.values(of: chunk)) { samples[time] = value }
      }
      if !samples.isEmpty { series[labels, default: [:]].merge(samples) { $1 } }
    }
  }

  private static func values(of chunk: JSONValue) -> [Value] {
    if let digits = chunk["v"].string.map({ Array($0.utf8) }) {
      return stride(from: 0, to: digits.count, by: 16).map { start in
        let bits = UInt64(String(decoding: digits[start..<start + 16], as: UTF8.self), radix: 16)
        guard let bits, bits != 0x7ff0_0000_0000_0002 else { return .stale }
        return Value(Double(bitPattern: bits))
      }
    }
    return (chunk["h"].array ?? []).map { row in
      guard let fields = row.array, let sum = double(fields[2]) else { return .stale }
      let count = chunk["enc"].string == "hist" ? Double(fields[0].uint64 ?? 0) : double(fields[0])
      return .histogram(count: count ?? .nan, sum: Value.bits(sum))
    }
  }

  private static func double(_ hexadecimal: JSONValue) -> Double? {
    hexadecimal.string.flatMap { UInt64($0, radix: 16) }.map(Double.init(bitPattern:))
  }

  private static func milliseconds(_ seconds: NSNumber) -> Int64 {
    Int64((seconds.doubleValue * 1000).rounded())
  }

  /// Without stale samples, which no answer has.
  func withoutStale(_ labels: [String: String]) -> [Int64: Value] {
    (series[labels] ?? [:]).filter { $0.value != .stale }
  }

  var hasHistograms: [[String: String]] {
    series.filter { $0.value.values.contains { if case .histogram = $0 { true } else { false } } }
      .map(\.key)
  }

  /// What Prometheus takes for the histogram of a series at each of these times: its last sample of
  /// the five minutes before, if that is one.
  func histograms(of labels: [String: String], at times: [Int64]) -> [Int64: Value] {
    let sorted = (series[labels] ?? [:]).sorted { $0.key < $1.key }
    var result: [Int64: Value] = [:]
    var next = 0
    for time in times {
      while next < sorted.count, sorted[next].key <= time { next += 1 }
      guard next > 0, sorted[next - 1].key > time - 300_000 else { continue }
      if case .histogram = sorted[next - 1].value { result[time] = sorted[next - 1].value }
    }
    return result
  }
}

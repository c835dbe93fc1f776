import GRPCCore
import StoreAPI
import SwiftProtobuf
import TSDBBlock
import TestSupport

/// Answers as lines of text, made from the golden files and from what our service sent, so that a
/// difference can be shown.
enum GoldenAnswer {
  // MARK: - What the golden files say

  /// The right answer of a case: `correct` where the reference is wrong.
  static func expected(_ test: JSONValue) -> [String] {
    let answer = test["correct"].isNull ? test["response"] : test["correct"]
    let code = answer["code"].string ?? "OK"
    guard code == "OK" else { return [code] }
    switch test["kind"].string {
    case "Series":
      // The reference knows the wish for statistics and never answers it.
      let wantsStatistics = test["request"]["hints"]["enable_query_stats"].bool ?? false
      return series(answer, hints: wantsStatistics ? 1 : nil)
    case "LabelNames": return labels(answer, "names")
    case "LabelValues": return labels(answer, "values")
    default: return info(answer)
    }
  }

  private static func series(_ answer: JSONValue, hints: Int?) -> [String] {
    let frames = answer["frames"]
    let batches = (frames["batches"].array ?? []).map { "\($0.int ?? 0)" }
    return [
      "frames \(frames["series"].int ?? 0) [\(batches.joined(separator: ","))]"
        + " \(frames["warnings"].int ?? 0) \(hints ?? frames["hints"].int ?? 0)"
    ]
      + (answer["series"].array ?? []).map { series in
        let chunks = (series["chunks"].array ?? []).map { chunk in
          let parts = fields.compactMap { field -> String? in
            let part = chunk[2][field]
            guard !part.isNull else { return nil }
            return "\(field):\(part[0].string ?? ""):\(part[1].string ?? ""):\(part[2].int ?? 0)"
          }
          return "\(chunk[0].int64 ?? 0)…\(chunk[1].int64 ?? 0)(\(parts.joined(separator: " ")))"
        }
        return line(GoldenRequest.strings(series["labels"]), chunks)
      }
  }

  private static let fields = ["raw", "count", "sum", "min", "max", "counter"]

  private static func labels(_ answer: JSONValue, _ key: String) -> [String] {
    GoldenRequest.strings(answer[key]).map { "\($0)" }
      + ["hints " + (answer["hints_type_url"].string ?? "")]
      + GoldenRequest.strings(answer["queried_blocks"])
  }

  private static func info(_ answer: JSONValue) -> [String] {
    let store = answer["store"]
    return (answer["label_sets"].array ?? []).map { line(GoldenRequest.strings($0), []) }
      + [
        answer["component_type"].string ?? "",
        "\(store["min_time"].int64 ?? 0)…\(store["max_time"].int64 ?? 0)",
        "\(store["supports_sharding"].bool ?? false)",
        "\(store["supports_without_replica_labels"].bool ?? false)",
        "\(store["supports_projections"].bool ?? false)",
      ]
      + (store["tsdb_infos"].array ?? []).map {
        line(GoldenRequest.strings($0["labels"]), [])
          + " \($0["min_time"].int64 ?? 0)…\($0["max_time"].int64 ?? 0)"
      }
  }

  private static func line(_ labels: [String], _ chunks: [String]) -> String {
    "{\(labels.joined(separator: "|"))} \(chunks.joined(separator: " "))"
  }

  // MARK: - What we sent

  static func actual(_ frames: [Thanos_SeriesResponse]) -> [String] {
    var single = 0
    var batches: [String] = []
    var warnings = 0
    var hints = 0
    var lines: [String] = []
    for frame in frames {
      switch frame.result {
      case .series(let series):
        single += 1
        lines.append(line(series))
      case .batch(let batch):
        batches.append("\(batch.series.count)")
        lines += batch.series.map(line)
      case .warning: warnings += 1
      case .hints: hints += 1
      case nil: lines.append("an empty frame")
      }
    }
    return ["frames \(single) [\(batches.joined(separator: ","))] \(warnings) \(hints)"] + lines
  }

  private static func line(_ series: Thanos_Series) -> String {
    line(
      series.labels.flatMap { [$0.name, $0.value] },
      series.chunks.map { chunk in
        var parts: [String] = []
        if chunk.hasRaw { parts.append("raw:" + text(chunk.raw)) }
        if chunk.hasCount { parts.append("count:" + text(chunk.count)) }
        if chunk.hasSum { parts.append("sum:" + text(chunk.sum)) }
        if chunk.hasMin { parts.append("min:" + text(chunk.min)) }
        if chunk.hasMax { parts.append("max:" + text(chunk.max)) }
        if chunk.hasCounter { parts.append("counter:" + text(chunk.counter)) }
        return "\(chunk.minTime)…\(chunk.maxTime)(\(parts.joined(separator: " ")))"
      })
  }

  private static func text(_ chunk: Thanos_Chunk) -> String {
    let type =
      switch chunk.type {
      case .xor: "XOR"
      case .histogram: "HISTOGRAM"
      case .floatHistogram: "FLOAT_HISTOGRAM"
      case .UNRECOGNIZED(let number): "\(number)"
      }
    let computed = XXHash64.hash([UInt8](chunk.data))
    let mark = computed == chunk.hash ? "" : "!hash field differs"
    return "\(type):\(hexDigits(computed)):\(chunk.data.count)\(mark)"
  }

  static func actual(_ response: Thanos_LabelNamesResponse) throws -> [String] {
    let hints = try Hintspb_LabelNamesResponseHints(unpackingAny: response.hints)
    return response.names + ["hints " + response.hints.typeURL]
      + hints.queriedBlocks.map(\.id).sorted() + response.warnings
  }

  static func actual(_ response: Thanos_LabelValuesResponse) throws -> [String] {
    guard response.hasHints else { return response.values + ["hints "] }
    let hints = try Hintspb_LabelValuesResponseHints(unpackingAny: response.hints)
    return response.values + ["hints " + response.hints.typeURL]
      + hints.queriedBlocks.map(\.id).sorted() + response.warnings
  }

  static func actual(_ response: Thanos_Info_InfoResponse) -> [String] {
    let store = response.store
    func text(_ set: Thanos_ZLabelSet) -> String {
      line(set.labels.flatMap { [$0.name, $0.value] }, [])
    }
    return response.labelSets.map(text)
      + [
        response.componentType, "\(store.minTime)…\(store.maxTime)", "\(store.supportsSharding)",
        "\(store.supportsWithoutReplicaLabels)", "\(store.supportsProjections)",
      ]
      + store.tsdbInfos.map { text($0.labels) + " \($0.minTime)…\($0.maxTime)" }
  }

  static func actual(_ error: RPCError) -> [String] {
    let names: [RPCError.Code: String] = [
      .invalidArgument: "InvalidArgument", .unknown: "Unknown", .aborted: "Aborted",
      .resourceExhausted: "ResourceExhausted", .internalError: "Internal",
      .dataLoss: "DataLoss",
    ]
    return [names[error.code] ?? "\(error.code): \(error.message)"]
  }
}

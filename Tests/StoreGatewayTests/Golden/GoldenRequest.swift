import FoundationEssentials
import StoreAPI
import SwiftProtobuf
import TestSupport

/// The requests of `requests.jsonl` as messages. Fields have the names of the protobuf fields.
enum GoldenRequest {
  static func series(_ json: JSONValue) throws -> Thanos_SeriesRequest {
    var request = Thanos_SeriesRequest()
    request.minTime = json["min_time"].int64 ?? 0
    request.maxTime = json["max_time"].int64 ?? 0
    request.matchers = matchers(json["matchers"])
    request.maxResolutionWindow = json["max_resolution_window"].int64 ?? 0
    request.aggregates = strings(json["aggregates"]).map(aggregate)
    request.partialResponseDisabled = json["partial_response_disabled"].bool ?? false
    request.partialResponseStrategy = strategy(json)
    request.skipChunks = json["skip_chunks"].bool ?? false
    request.step = json["step"].int64 ?? 0
    request.range = json["range"].int64 ?? 0
    if !json["shard_info"].isNull {
      request.shardInfo.shardIndex = json["shard_info"]["shard_index"].int64 ?? 0
      request.shardInfo.totalShards = json["shard_info"]["total_shards"].int64 ?? 0
      request.shardInfo.by = json["shard_info"]["by"].bool ?? false
      request.shardInfo.labels = strings(json["shard_info"]["labels"])
    }
    if !json["query_hints"].isNull {
      request.queryHints.stepMillis = json["query_hints"]["step_millis"].int64 ?? 0
      request.queryHints.projectionLabels = strings(json["query_hints"]["projection_labels"])
      request.queryHints.projectionInclude = json["query_hints"]["projection_include"].bool ?? false
    }
    request.withoutReplicaLabels = strings(json["without_replica_labels"])
    request.limit = json["limit"].int64 ?? 0
    request.responseBatchSize = json["response_batch_size"].int64 ?? 0
    if let hints = hints(json) { request.hints = hints }
    return request
  }

  static func labelNames(_ json: JSONValue) throws -> Thanos_LabelNamesRequest {
    var request = Thanos_LabelNamesRequest()
    request.start = json["start"].int64 ?? 0
    request.end = json["end"].int64 ?? 0
    request.matchers = matchers(json["matchers"])
    request.partialResponseDisabled = json["partial_response_disabled"].bool ?? false
    request.partialResponseStrategy = strategy(json)
    request.withoutReplicaLabels = strings(json["without_replica_labels"])
    request.limit = json["limit"].int64 ?? 0
    if let hints = hints(json) { request.hints = hints }
    return request
  }

  static func labelValues(_ json: JSONValue) throws -> Thanos_LabelValuesRequest {
    var request = Thanos_LabelValuesRequest()
    request.label = json["label"].string ?? ""
    request.start = json["start"].int64 ?? 0
    request.end = json["end"].int64 ?? 0
    request.matchers = matchers(json["matchers"])
    request.partialResponseDisabled = json["partial_response_disabled"].bool ?? false
    request.partialResponseStrategy = strategy(json)
    request.withoutReplicaLabels = strings(json["without_replica_labels"])
    request.limit = json["limit"].int64 ?? 0
    if let hints = hints(json) { request.hints = hints }
    return request
  }

  static func matchers(_ json: JSONValue) -> [Thanos_LabelMatcher] {
    (json.array ?? []).map { entry in
      var matcher = Thanos_LabelMatcher()
      switch entry["type"].string ?? "EQ" {
      case "EQ": matcher.type = .eq
      case "NEQ": matcher.type = .neq
      case "RE": matcher.type = .re
      case "NRE": matcher.type = .nre
      case let number: matcher.type = .UNRECOGNIZED(Int(number) ?? 99)
      }
      matcher.name = entry["name"].string ?? ""
      matcher.value = entry["value"].string ?? ""
      return matcher
    }
  }

  static func strings(_ json: JSONValue) -> [String] {
    (json.array ?? []).map { $0.string ?? "" }
  }

  private static func strategy(_ json: JSONValue) -> Thanos_PartialResponseStrategy {
    json["partial_response_strategy"].string == "ABORT" ? .abort : .warn
  }

  private static func hints(_ json: JSONValue) -> Google_Protobuf_Any? {
    guard !json["hints"].isNull else { return nil }
    var any = Google_Protobuf_Any()
    any.typeURL = json["hints"]["type_url"].string ?? ""
    any.value = Data(hexBytes(json["hints"]["value_hex"].string ?? "") ?? [])
    return any
  }

  private static func aggregate(_ name: String) -> Thanos_Aggr {
    switch name {
    case "COUNT": .count
    case "SUM": .sum
    case "MIN": .min
    case "MAX": .max
    case "COUNTER": .counter
    default: .raw
    }
  }
}

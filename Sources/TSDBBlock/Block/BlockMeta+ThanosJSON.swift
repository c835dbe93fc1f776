extension ThanosMeta {
  init(_ fields: JSONFields) throws(BlockError) {
    var fields = fields
    version = try fields.integer("version") ?? 0
    guard version == 0 || version == 1 else {
      throw BlockError(
        .unsupportedVersion, section: "thanos.version", detail: "is \(version), only 1 is known")
    }
    labels = try Self.labels(fields.take("labels"))
    if var downsample = try fields.object("downsample") {
      resolution = try downsample.integer("resolution") ?? 0
      unknownDownsample = downsample.unknown
    }
    source = try fields.text("source") ?? ""
    segmentFiles = try fields.texts("segment_files")
    files = try fields.list("files") { (value, path) throws(BlockError) -> File in
      try File(JSONFields(value, path: path))
    }
    rewrites = try fields.list("rewrites") { (value, path) throws(BlockError) -> Rewrite in
      try Rewrite(JSONFields(value, path: path))
    }
    indexStats = try fields.object("index_stats").map(IndexStats.init) ?? IndexStats()
    if let value = fields.take("extensions") {
      extensions = try value.normalized(path: "thanos.extensions")
    }
    if let text = try fields.text("upload_time") {
      guard let time = UploadTime(text) else {
        throw fields.failure("upload_time", "must be a time such as 2024-02-29T12:00:00Z")
      }
      uploadTime = time
    }
    unknown = fields.unknown
  }

  /// The last of equal names wins; a null value is an empty one.
  private static func labels(_ value: RawJSON?) throws(BlockError) -> [Label] {
    guard let value else { return [] }
    guard case .object(let members) = value else {
      throw JSONFields.failure("thanos.labels", "must be an object, not \(value.kind)")
    }
    var values: [[UInt8]: [UInt8]] = [:]
    for member in members {
      switch member.value {
      case .string(let bytes): values[member.key] = bytes
      case .null: values[member.key] = []
      default:
        let name = String(decoding: member.key, as: UTF8.self)
        throw JSONFields.failure(
          "thanos.labels.\(name)", "must be a string, not \(member.value.kind)")
      }
    }
    return values.map { Label(name: $0.key, value: $0.value) }.sorted()
  }

  var json: RawJSON {
    var object = JSONObjectBuilder()
    object.addUnlessZero("version", version)
    object.add(
      "labels",
      .object(labels.sorted().map { RawJSON.Member(key: $0.name, value: .string($0.value)) }))
    object.add(
      "downsample",
      .object([RawJSON.Member("resolution", .integer(resolution))] + unknownDownsample))
    object.add("source", .text(source))
    object.addUnlessEmpty("segment_files", segmentFiles.map { .text($0) })
    object.addUnlessEmpty("files", files.map(\.json))
    object.addUnlessEmpty("rewrites", rewrites.map(\.json))
    object.add("index_stats", indexStats.json)
    if let extensions { object.add("extensions", extensions) }
    object.add("upload_time", .text(uploadTime.description))
    return object.object(unknown: unknown)
  }
}

extension ThanosMeta.File {
  init(_ fields: JSONFields) throws(BlockError) {
    var fields = fields
    path = try fields.text("rel_path") ?? ""
    size = try fields.integer("size_bytes") ?? 0
    hash = try fields.object("hash").map(Hash.init)
    unknown = fields.unknown
  }

  var json: RawJSON {
    var object = JSONObjectBuilder()
    object.add("rel_path", .text(path))
    object.addUnlessZero("size_bytes", size)
    if let hash { object.add("hash", hash.json) }
    return object.object(unknown: unknown)
  }
}

extension ThanosMeta.File.Hash {
  init(_ fields: JSONFields) throws(BlockError) {
    var fields = fields
    function = try fields.text("hashFunc") ?? ""
    value = try fields.text("value") ?? ""
    unknown = fields.unknown
  }

  var json: RawJSON {
    var object = JSONObjectBuilder()
    object.add("hashFunc", .text(function))
    object.add("value", .text(value))
    return object.object(unknown: unknown)
  }
}

extension ThanosMeta.Rewrite {
  init(_ fields: JSONFields) throws(BlockError) {
    var fields = fields
    sources = try fields.blockIDs("sources")
    deletions = try fields.list("deletions_applied") {
      (value, path) throws(BlockError) -> ThanosMeta.Deletion in
      try ThanosMeta.Deletion(JSONFields(value, path: path))
    }
    relabels = try fields.list("relabels_applied") { (value, _) in value }
    unknown = fields.unknown
  }

  var json: RawJSON {
    var object = JSONObjectBuilder()
    object.addUnlessEmpty("sources", sources.map { .text($0.description) })
    object.addUnlessEmpty("deletions_applied", deletions.map(\.json))
    object.addUnlessEmpty("relabels_applied", relabels)
    return object.object(unknown: unknown)
  }
}

extension ThanosMeta.Deletion {
  init(_ fields: JSONFields) throws(BlockError) {
    var fields = fields
    matchers = fields.take("matchers") ?? .null
    intervals = try fields.list("intervals") { (value, _) in value }
    requestID = try fields.text("request_id") ?? ""
    unknown = fields.unknown
  }

  var json: RawJSON {
    var object = JSONObjectBuilder()
    object.add("matchers", matchers)
    object.addUnlessEmpty("intervals", intervals)
    object.addUnlessEmpty("request_id", requestID)
    return object.object(unknown: unknown)
  }
}

extension ThanosMeta.IndexStats {
  init(_ fields: JSONFields) throws(BlockError) {
    var fields = fields
    seriesMaxSize = try fields.integer("series_max_size") ?? 0
    chunkMaxSize = try fields.integer("chunk_max_size") ?? 0
    unknown = fields.unknown
  }

  var json: RawJSON {
    var object = JSONObjectBuilder()
    object.addUnlessZero("series_max_size", seriesMaxSize)
    object.addUnlessZero("chunk_max_size", chunkMaxSize)
    return object.object(unknown: unknown)
  }
}

extension BlockMeta {
  /// Reads the bytes of a meta.json.
  ///
  /// Absent numbers are 0 and an absent `ulid` is ``BlockID/zero``, as the reference has it.
  ///
  /// - Throws: ``BlockError`` that names meta.json and the key. A version other than 1 has the code
  ///   `unsupportedVersion`.
  public init(json bytes: [UInt8]) throws(BlockError) {
    do throws(BlockError) {
      try self.init(RawJSON(parsing: bytes))
    } catch {
      throw error.inFile(Self.fileName)
    }
  }

  private init(_ value: RawJSON) throws(BlockError) {
    var fields = try JSONFields(value, path: "")
    let version: Int64 = try fields.integer("version") ?? 0
    guard version == Self.version else {
      throw BlockError(
        .unsupportedVersion, section: "version", detail: "is \(version), only 1 is known")
    }
    id = try fields.blockID("ulid") ?? .zero
    minTime = try fields.integer("minTime") ?? 0
    maxTime = try fields.integer("maxTime") ?? 0
    stats = try fields.object("stats").map(Stats.init) ?? Stats()
    compaction = try fields.object("compaction").map(Compaction.init) ?? .absent
    thanos = try fields.object("thanos").map(ThanosMeta.init)
    unknown = fields.unknown
  }

  /// The bytes of the meta.json: one tab a level, a line feed at the end if there is a Thanos
  /// section, exactly as the programs write it that such a block comes from.
  public func jsonBytes() -> [UInt8] {
    var object = JSONObjectBuilder()
    object.add("ulid", .text(id.description))
    object.add("minTime", .integer(minTime))
    object.add("maxTime", .integer(maxTime))
    object.add("stats", stats.json)
    object.add("compaction", compaction.json)
    object.add("version", .integer(Self.version))
    if let thanos { object.add("thanos", thanos.json) }
    let bytes = JSONWriter.bytes(of: object.object(unknown: unknown), layout: .tabs)
    return thanos == nil ? bytes : bytes + [UInt8(ascii: "\n")]
  }
}

extension BlockMeta.Stats {
  init(_ fields: JSONFields) throws(BlockError) {
    var fields = fields
    samples = try fields.integer("numSamples") ?? 0
    floatSamples = try fields.integer("numFloatSamples") ?? 0
    histogramSamples = try fields.integer("numHistogramSamples") ?? 0
    series = try fields.integer("numSeries") ?? 0
    chunks = try fields.integer("numChunks") ?? 0
    tombstones = try fields.integer("numTombstones") ?? 0
    unknown = fields.unknown
  }

  var json: RawJSON {
    var object = JSONObjectBuilder()
    object.addUnlessZero("numSamples", samples)
    object.addUnlessZero("numFloatSamples", floatSamples)
    object.addUnlessZero("numHistogramSamples", histogramSamples)
    object.addUnlessZero("numSeries", series)
    object.addUnlessZero("numChunks", chunks)
    object.addUnlessZero("numTombstones", tombstones)
    return object.object(unknown: unknown)
  }
}

extension BlockMeta.Compaction {
  /// What a file without the section means.
  static var absent: Self {
    var compaction = Self()
    compaction.level = 0
    return compaction
  }

  init(_ fields: JSONFields) throws(BlockError) {
    var fields = fields
    level = try fields.integer("level") ?? 0
    sources = try fields.blockIDs("sources")
    deletable = try fields.bool("deletable") ?? false
    parents = try fields.list("parents") { (value, path) throws(BlockError) -> BlockMeta.Parent in
      try BlockMeta.Parent(JSONFields(value, path: path))
    }
    failed = try fields.bool("failed") ?? false
    hints = try fields.texts("hints")
    unknown = fields.unknown
  }

  var json: RawJSON {
    var object = JSONObjectBuilder()
    object.add("level", .integer(level))
    object.addUnlessEmpty("sources", sources.map { .text($0.description) })
    object.addUnlessFalse("deletable", deletable)
    object.addUnlessEmpty("parents", parents.map(\.json))
    object.addUnlessFalse("failed", failed)
    object.addUnlessEmpty("hints", hints.map { .text($0) })
    return object.object(unknown: unknown)
  }
}

extension BlockMeta.Parent {
  init(_ fields: JSONFields) throws(BlockError) {
    var fields = fields
    id = try fields.blockID("ulid") ?? .zero
    minTime = try fields.integer("minTime") ?? 0
    maxTime = try fields.integer("maxTime") ?? 0
    unknown = fields.unknown
  }

  var json: RawJSON {
    var object = JSONObjectBuilder()
    object.add("ulid", .text(id.description))
    object.add("minTime", .integer(minTime))
    object.add("maxTime", .integer(maxTime))
    return object.object(unknown: unknown)
  }
}

internal import Console
internal import TSDBBlock

/// A file of a block whose bytes are to be explained.
struct MappedFile {
  /// Relative to the block, or as given.
  let name: String
  let file: ByteSlice
  let kind: BlockFileKind

  /// - Parameters:
  ///   - path: where the file lies.
  ///   - expected: what it is when its first bytes do not say.
  init(_ path: String, named name: String, expected: BlockFileKind?) throws {
    let storage: ByteStorage
    do throws(BlockError) {
      storage = try ByteStorage(mapping: path)
    } catch {
      throw ToolError("\(error)")
    }
    guard let kind = BlockFileKind(storage.bytes) ?? expected else {
      throw ToolError("\(path) is no index, segment or tombstones file of a block")
    }
    self.name = name
    file = ByteSlice(storage)
    self.kind = kind
  }

  /// The files of a block in the order of a reader; or the only one.
  static func all(_ path: String) throws -> [MappedFile] {
    guard isDirectory(path) else {
      return [try MappedFile(path, named: path, expected: nil)]
    }
    var files: [MappedFile] = []
    for name in names(in: path) {
      files.append(try MappedFile("\(path)/\(name)", named: name, expected: expected(name)))
    }
    guard !files.isEmpty else {
      throw ToolError("\(path) holds neither index nor chunks nor tombstones of a block")
    }
    return files
  }

  static func expected(_ name: String) -> BlockFileKind? {
    switch name {
    case "index": .index
    case "tombstones": .tombstones
    default: name.hasPrefix("chunks/") ? .segment : nil
    }
  }

  /// Segments as locations count them.
  static func segments(in block: String) -> [String] {
    ((try? namesInDirectory(block + "/chunks")) ?? [])
      .filter { !$0.isEmpty && $0.utf8.allSatisfy { 48...57 ~= $0 } }
  }

  private static func names(in block: String) -> [String] {
    (["index"] + segments(in: block).map { "chunks/\($0)" } + ["tombstones"])
      .filter { fileByteCount("\(block)/\($0)") != nil }
  }
}

/// The series of a block, to say whose a chunk is.
struct ChunkOwners {
  private let index: IndexReader?
  private let segments: [String]
  private var references: [Int: [SegmentMap.Reference]] = [:]

  /// As far as the index of the block at `path` can be read.
  init(_ path: String) {
    segments = isDirectory(path) ? MappedFile.segments(in: path) : []
    index = (try? ByteStorage(mapping: path + "/index")).flatMap {
      try? IndexReader(ByteSlice($0))
    }
    guard let index, let ids = try? index.allPostings() else { return }
    var labels: [LabelReference] = []
    var chunks: [ChunkSpan] = []
    for id in ids {
      labels.removeAll(keepingCapacity: true)
      chunks.removeAll(keepingCapacity: true)
      guard (try? index.appendSeries(id, labels: &labels, chunks: &chunks)) != nil else {
        continue
      }
      for chunk in chunks {
        references[chunk.location.segment, default: []].append(
          SegmentMap.Reference(
            offset: chunk.location.offset, series: id, minTime: chunk.minTime,
            maxTime: chunk.maxTime))
      }
    }
  }

  func references(in name: String) -> [SegmentMap.Reference] {
    guard let place = segments.firstIndex(where: { "chunks/" + $0 == name }) else { return [] }
    return references[place] ?? []
  }

  func labels(_ id: UInt32) -> String {
    var labels: [LabelReference] = []
    var chunks: [ChunkSpan] = []
    guard let index, (try? index.appendSeries(id, labels: &labels, chunks: &chunks)) != nil,
      let set = try? index.labels(labels)
    else { return "series \(id)" }
    return set.description
  }
}

extension MappedFile {
  /// Shows the regions of the file to `visit`, in order.
  func forEachRegion(
    _ owners: @autoclosure () -> ChunkOwners?, _ visit: (ByteRegion) throws -> Bool
  ) throws {
    switch kind {
    case .index:
      var map = IndexMap(file)
      try map.forEachRegion(visit)
    case .segment:
      let owners = owners()
      try SegmentMap(file, references: owners?.references(in: name) ?? [])
        .forEachRegion(labels: { owners?.labels($0) ?? "series \($0)" }, visit)
    case .tombstones:
      let file = file
      try TombstonesMap.forEachRegion(file.bytes, visit)
    }
  }

  func fields(of region: ByteRegion, around offset: Int) -> [ByteField] {
    switch kind {
    case .index: ByteFields.index(IndexMap(file), region, around: offset)
    case .segment: ByteFields.segment(file, region)
    case .tombstones: ByteFields.tombstones(file, region)
    }
  }
}

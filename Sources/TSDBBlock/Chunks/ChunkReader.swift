/// The segments of a block, addressed by ``ChunkLocation``.
public final class ChunkReader: Sendable {
  /// In the order of their names.
  public let segments: [SegmentReader]

  /// Segments in the order that locations count them in.
  public init(_ segments: [SegmentReader]) {
    self.segments = segments
  }

  /// Maps the segments of a block directory, in the order locations count them.
  ///
  /// - Parameters:
  ///   - expected: names that must be there (`thanos.segment_files`), empty for any.
  ///   - followsLinks: whether the folder and the files in it may be symbolic links.
  /// - Throws: ``BlockError`` when a file is missing, cannot be mapped or has a damaged header.
  convenience init(
    directory: String, expected: [String], followsLinks: Bool = true
  ) throws(BlockError) {
    let folder = directory + "/chunks"
    guard followsLinks || !FileSystem.isLink(folder) else {
      throw BlockError(.unreadable, path: folder, detail: "is a symbolic link")
    }
    let names = try Self.segmentNames(in: folder)
    for name in expected where !names.contains(name) {
      throw BlockError(
        .missing, path: "chunks/\(name)", detail: "is listed in meta.json and not in the block")
    }
    var segments: [SegmentReader] = []
    for name in names {
      let storage = try ByteStorage(mapping: "\(folder)/\(name)", followsLinks: followsLinks)
      segments.append(try SegmentReader(ByteSlice(storage), path: "chunks/\(name)"))
    }
    self.init(segments)
  }

  /// The files with numeric names, sorted as Prometheus sorts them; none when there is no folder.
  static func segmentNames(in directory: String) throws(BlockError) -> [String] {
    let names = try FileSystem.names(in: directory)
    return names.filter { name in !name.isEmpty && name.utf8.allSatisfy { 48...57 ~= $0 } }
      .sorted { ByteOrder.precedes(Array($0.utf8), Array($1.utf8)) }
  }

  /// The segment that a location counts to.
  public func segment(of location: ChunkLocation) throws(BlockError) -> SegmentReader {
    guard location.segment < segments.count else {
      throw BlockError(
        .badReference, path: "chunks", section: "chunk", offset: location.offset,
        detail: "is in segment \(location.segment + 1), the block has \(segments.count)")
    }
    return segments[location.segment]
  }

  /// The verified record of a chunk.
  public func record(at location: ChunkLocation) throws(BlockError) -> ChunkRecord {
    try segment(of: location).record(at: location.offset)
  }
}

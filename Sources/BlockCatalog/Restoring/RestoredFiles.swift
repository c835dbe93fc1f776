internal import ObjectStore
internal import TSDBBlock

/// The objects that make up a block that is brought back, beside its meta.json.
struct RestoredFiles {
  private static let marks = [NoCompactMark.fileName, NoDownsampleMark.fileName]

  private let id: BlockID
  /// With sizes where meta.json tells them.
  private var files: [ObjectName: Int64] = [:]
  /// Of the versions that come back.
  private(set) var sizes: [ObjectName: Int] = [:]

  var names: [ObjectName] { sizes.keys.sorted() }

  init(
    _ id: BlockID, metaBytes: [UInt8], _ history: BlockHistory
  ) throws(BlockRestorationError) {
    self.id = id
    let meta: BlockMeta
    do {
      meta = try BlockMeta(json: metaBytes)
    } catch {
      throw .unreadableMeta(id, "\(error)")
    }
    guard meta.id == id else { throw .unreadableMeta(id, "it is that of block \(meta.id)") }
    let thanos = meta.thanos ?? ThanosMeta()
    let special = [BlockMeta.fileName, DeletionMark.fileName] + Self.marks
    for file in thanos.files where !special.contains(file.path) {
      try add(file.path, file.size)
    }
    // Blocks of old versions of Thanos list segments or nothing.
    if files.isEmpty {
      for name in thanos.segmentFiles { try add("\(BlockFiles.chunks)/\(name)", 0) }
      try add(BlockFiles.index, 0)
      if thanos.segmentFiles.isEmpty {
        for name in history.names where isPart(name) { files[name] = 0 }
      }
    }
  }

  private mutating func add(_ path: String, _ size: Int64) throws(BlockRestorationError) {
    do throws(BucketError) {
      files[try id.object(path)] = size
    } catch {
      throw .unreadableMeta(id, "it lists the file \"\(path.prefix(100))\"")
    }
  }

  private func isPart(_ name: ObjectName) -> Bool {
    let path = name.text.dropFirst("\(id)/".utf8.count)
    return path.hasPrefix("\(BlockFiles.chunks)/") || path == Tombstones.fileName
  }

  /// Finds what there is of each file.
  mutating func check(_ history: BlockHistory) throws(BlockRestorationError) {
    for (name, size) in files.sorted(by: { $0.key < $1.key }) {
      let path = String(name.text.dropFirst("\(id)/".utf8.count))
      guard let version = history.newest(name) else { throw .noVersion(id, file: path) }
      guard size == 0 || size == version.size else {
        throw .sizeDiffers(id, file: path, expected: size, actual: version.size)
      }
      sizes[name] = version.size
    }
  }

  /// Adds marks that keep compactors from the block, unless they were taken away before it was
  /// deleted.
  mutating func addMarks(deletedWith meta: ObjectName, _ history: BlockHistory) {
    guard let deletion = history.markers(of: meta).first else { return }
    for file in Self.marks {
      guard let name = try? id.object(file), let mark = history.newest(name),
        let marker = history.markers(of: name).first,
        marker.modifiedMilliseconds >= deletion.modifiedMilliseconds
      else { continue }
      sizes[name] = mark.size
    }
  }
}

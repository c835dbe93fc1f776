/// The files around the index: which there are, meta.json, tombstones, and how they fit together.
extension BlockScanner {
  mutating func scanFiles() {
    var paths: [String] = []
    do throws(BlockError) {
      paths = try FileSystem.names(in: directory).filter { $0 != "chunks" }
      paths += try FileSystem.names(in: directory + "/chunks").map { "chunks/" + $0 }
    } catch {
      scan.log.report(.fileUnreadable, ".", error)
    }
    for path in paths.sorted(by: { ByteOrder.precedes(Array($0.utf8), Array($1.utf8)) }) {
      guard let size = FileSystem.fileSize(directory + "/" + path) else { continue }
      scan.files.append(BlockScan.File(path: path, size: size))
    }
  }

  mutating func scanMeta() {
    do throws(BlockError) {
      scan.meta = try BlockReader.readMeta(directory)
      let storage = try ByteStorage(mapping: directory + "/" + BlockMeta.fileName)
      let end = try JSONParser.byteCount(ofFirstValueIn: [UInt8](storage.bytes))
      if end < storage.count {
        scan.log.report(
          .metaUnreadable, BlockMeta.fileName, nil, at: end,
          "\(storage.count - end) bytes follow the document; Prometheus refuses the file")
      }
    } catch {
      scan.log.report(
        error.code == .missing ? .fileMissing : .metaUnreadable, BlockMeta.fileName, error)
    }
  }

  mutating func scanTombstones() {
    let path = directory + "/" + Tombstones.fileName
    guard FileSystem.exists(path) else {
      if let stated = scan.meta?.stats.tombstones, stated > 0 {
        scan.log.warn(
          .tombstones, Tombstones.fileName,
          "is missing; meta.json counts \(stated) tombstones")
      }
      return
    }
    do throws(BlockError) {
      let storage = try ByteStorage(mapping: path)
      let tombstones = try Tombstones(storage.bytes)
      scan.contents.tombstones = tombstones.count
      guard series.damaged.isEmpty else { return }
      for id in tombstones.seriesIDs where UInt32(exactly: id).flatMap(series.find) == nil {
        scan.log.warn(
          .tombstonesSeries, Tombstones.fileName,
          "deletes samples of series \(id), which does not exist")
      }
    } catch {
      scan.log.report(.tombstones, Tombstones.fileName, error)
    }
  }

  /// Compares what meta.json says with what was found.
  mutating func checkMeta() {
    guard let meta = scan.meta else { return }
    let path = BlockMeta.fileName
    if let name = directory.split(separator: "/").last, let id = BlockID(name), id != meta.id {
      scan.log.report(.metaIdentity, path, "says the block is \(meta.id), its directory is \(id)")
    }
    if meta.minTime > meta.maxTime {
      scan.log.report(
        .metaTimes, path, "begins at \(meta.minTime) and ends before, at \(meta.maxTime)")
    }
    checkBorders(meta)
    checkFiles(meta)
    checkStats(meta)
  }

  private mutating func checkBorders(_ meta: BlockMeta) {
    guard let last = scan.contents.maxTime, last == meta.maxTime else { return }
    scan.log.warn(
      .metaTimes, BlockMeta.fileName,
      "ends at \(meta.maxTime), exclusive, where the last sample is; Prometheus 2.0 wrote it so")
  }

  private mutating func checkFiles(_ meta: BlockMeta) {
    let sizes = Dictionary(scan.files.map { ($0.path, $0.size) }, uniquingKeysWith: { $1 })
    var expected = meta.thanos?.segmentFiles.map { ("chunks/" + $0, Int64(0)) } ?? []
    expected += meta.thanos?.files.map { ($0.path, $0.size) } ?? []
    for (file, size) in expected {
      guard let found = sizes[file] else {
        scan.log.report(.metaFiles, file, "is listed in meta.json and missing")
        continue
      }
      if size > 0, size != Int64(found) {
        scan.log.report(.metaFiles, file, "has \(found) bytes, meta.json says \(size)")
      }
    }
  }

  /// Only where everything could be read: damage alone explains a difference.
  private mutating func checkStats(_ meta: BlockMeta) {
    guard !scan.isDamaged else { return }
    if meta.stats.samples == 0, meta.stats.series == 0 {
      if scan.contents.series > 0 {
        scan.log.warn(.metaStats, BlockMeta.fileName, "has no statistics")
      }
      return
    }
    let counts: [(String, UInt64, Int)] = [
      ("series", meta.stats.series, scan.contents.series),
      ("chunks", meta.stats.chunks, scan.contents.chunks),
      ("samples", meta.stats.samples, scan.contents.samples),
    ]
    for (what, stated, found) in counts where stated != UInt64(found) {
      let message = "counts \(stated) \(what), the block has \(found)"
      // What counts as a sample of a downsampled block differs among its writers.
      if meta.resolution > 0 && what == "samples" {
        scan.log.warn(.metaStats, BlockMeta.fileName, message)
      } else {
        scan.log.report(.metaStats, BlockMeta.fileName, message)
      }
    }
  }
}

internal import TSDBBlock
internal import TestSupport
internal import Testing

@Suite struct `Series reader Golden` {
  private func blocks() throws -> [(name: String, block: BlockReader, expected: JSONValue)] {
    let root = try Golden.unpacked("format/blocks.tar.gz")
    return try Golden.jsonLines("format/blocks.jsonl").map { line in
      let path = try #require(line["path"].string)
      return (
        try #require(line["name"].string), try BlockReader(directory: root + "/" + path), line
      )
    }
  }

  @Test func `every series of a block of any encoding is read whole`() throws {
    var columns = ChunkColumns()
    for (name, block, expected) in try blocks() {
      var series = try block.series(includesDeleted: true)
      var samples = 0
      for stated in try #require(expected["series"].array) {
        guard try series.next() else {
          Issue.record("\(name) has fewer series than it should")
          break
        }
        #expect(Int(series.id) == stated["ref"].int)
        let pairs = try goldenLabels(stated["labels"])
        #expect(series.labels.pairs.map(\.name) == pairs.map(\.name), "\(name)")
        #expect(series.labels.pairs.map(\.value) == pairs.map(\.value), "\(name)")
        let locations = try #require(stated["chunks"].array).map { $0[0].uint64 }
        #expect(series.chunks.map(\.location.rawValue) == locations)
        let read = try SeriesLines(series, &columns)
        #expect(read.sampleCount == stated["samples"].int, "\(name) \(series.labels)")
        #expect(read.fingerprint == stated["fnv64"].string, "\(name) \(series.labels)")
        samples += read.sampleCount
      }
      #expect(try !series.next(), "\(name)")
      #expect(samples == expected["totals"]["samples"].int, "\(name)")
    }
  }

  @Test func `samples that tombstones hide are not read`() throws {
    var columns = ChunkColumns()
    var hidden = 0
    for (name, block, expected) in try blocks() {
      var deleted: [Int: [(from: Int64, to: Int64)]] = [:]
      for entry in expected["tombstones"].array ?? [] {
        deleted[try #require(entry[0].int)] = try #require(entry[1].array).map { range in
          (try #require(range[0].int64), try #require(range[1].int64))
        }
      }
      guard !deleted.isEmpty else { continue }
      var all = try block.series(includesDeleted: true)
      var visible = try block.series()
      var isAtEnd = try !visible.next()
      while try all.next() {
        let intervals = deleted[Int(all.id)] ?? []
        let lines = try SeriesLines(all, &columns).lines
        let kept = lines.filter { line in
          !intervals.contains { $0.from <= line.time && line.time <= $0.to }
        }
        hidden += lines.count - kept.count
        guard !isAtEnd, visible.id == all.id else {
          #expect(kept.isEmpty, "\(name) \(all.labels)")
          continue
        }
        let read = try SeriesLines(visible, &columns).lines
        #expect(read.map(\.line) == kept.map(\.line), "\(name) \(all.labels)")
        isAtEnd = try !visible.next()
      }
      #expect(isAtEnd, "\(name)")
    }
    #expect(hidden > 0)
  }

  @Test(arguments: 0..<3)
  func `only samples within the range are read`(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var columns = ChunkColumns()
    for (name, block, expected) in try blocks() where expected["totals"]["samples"].int ?? 0 < 6000
    {
      let first = try #require(expected["totals"]["chunk_min_time"].int64)
      let last = try #require(expected["totals"]["chunk_max_time"].int64)
      let ends = (0..<2).map { _ in Int64.random(in: first...last, using: &random) }
      let range = min(ends[0], ends[1])...max(ends[0], ends[1])
      var all = try block.series()
      var part = try block.series(in: range)
      var isAtEnd = try !part.next()
      while try all.next() {
        let kept = try SeriesLines(all, &columns).lines.filter { range.contains($0.time) }
        guard !isAtEnd, part.id == all.id else {
          #expect(kept.isEmpty, "\(name) \(all.labels)")
          continue
        }
        #expect(part.labels == all.labels)
        let read = try SeriesLines(part, &columns).lines
        #expect(read.map(\.line) == kept.map(\.line), "\(name) \(all.labels) \(range)")
        isAtEnd = try !part.next()
      }
      #expect(isAtEnd, "\(name)")
    }
  }

  @Test func `float samples are the same in columns of their own`() throws {
    var columns = ChunkColumns()
    var samples = SampleColumns()
    var floats = 0
    for (name, block, expected) in try blocks() {
      let first = try #require(expected["totals"]["chunk_min_time"].int64)
      let last = try #require(expected["totals"]["chunk_max_time"].int64)
      let third = (last &- first) / 3
      for range in [Int64.min...Int64.max, first &+ max(0, third)...last] {
        var series = try block.series(in: range)
        while try series.next() {
          samples.removeAll()
          do throws(BlockError) {
            try series.appendSamples(to: &samples)
          } catch {
            #expect(error.code == .unsupportedEncoding, "\(name)")
            continue
          }
          let lines = try SeriesLines(series, &columns).lines.map(\.line)
          #expect(canonicalLines(ChunkColumns(samples)).map(\.line) == lines, "\(name)")
          floats += samples.count
        }
      }
    }
    #expect(floats > 0)
  }

  /// Reads on behind every error.
  private func readEverything(
    _ directory: String, _ columns: inout ChunkColumns
  ) -> (samples: Int, errors: [BlockError]) {
    var samples = 0
    var errors: [BlockError] = []
    var hasMore = true
    do throws(BlockError) {
      var series = try BlockReader(directory: directory).series(includesDeleted: true)
      while hasMore {
        do throws(BlockError) {
          hasMore = try series.next()
        } catch {
          errors.append(error)
        }
        for chunk in series.chunks {
          do throws(BlockError) {
            if try series.encoding(of: chunk) == .aggregate {
              _ = try series.read(.count, of: chunk, into: &columns)
            } else {
              try series.read(chunk, into: &columns)
            }
          } catch {
            errors.append(error)
          }
          // What stands before the damage is there.
          samples += columns.count
          columns.removeAll()
        }
      }
    } catch {
      errors.append(error)
    }
    return (samples, errors)
  }

  @Test func `what the reference reads of a damaged block is read, the rest is an error`() throws {
    let root = try Golden.unpacked("format/corrupt.tar.gz")
    var columns = ChunkColumns()
    for damage in try Golden.jsonLines("format/corrupt.jsonl") {
      let name = try #require(damage["id"].string)
      let reference = damage["readers"]["prometheus_3_14"]
      let directory = root + "/" + (try #require(damage["block"].string))
      let (samples, errors) = readEverything(directory, &columns)
      for error in errors { #expect(error.path != nil, "\(name) \(error)") }
      // The reference does not know aggregates.
      guard reference["open"].isNull, damage["readers"]["thanos_read"].isNull else { continue }
      let stages = (reference["errors"].array ?? []).compactMap { $0["stage"].string }
      if reference["error_count"].int == 0 { #expect(errors.isEmpty, "\(name) \(errors)") }
      if stages.contains("chunk") || stages.contains("samples") {
        #expect(!errors.isEmpty, "\(name)")
      }
      #expect(samples == reference["samples"].int, "\(name) \(errors)")
    }
  }
}

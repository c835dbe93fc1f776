internal import RemoteBlocks
internal import TSDBBlock

/// What the index says without looking at a series.
extension LoadedBlock {
  /// The symbols, and how many bytes of the index a step of a series id is.
  func seriesAccess() async throws(ReadFailure) -> (symbols: SymbolTable, idUnit: Int) {
    switch source {
    case .mapped(let reader):
      do throws(BlockError) {
        return (try reader.index.symbols, reader.index.seriesOffset(1))
      } catch {
        throw .damaged(error)
      }
    case .remote(let block):
      do throws(RemoteBlockError) {
        return (try await block.symbols, try await block.seriesAlignment)
      } catch {
        throw ReadFailure(error)
      }
    }
  }

  /// What is deleted and still stored.
  func tombstones() async throws(ReadFailure) -> Tombstones {
    switch source {
    case .mapped(let reader): return reader.tombstones
    case .remote(let block):
      do throws(RemoteBlockError) {
        return try await block.tombstones()
      } catch {
        throw ReadFailure(error)
      }
    }
  }

  /// Whether any series has one of these labels.
  func hasLabel(namedIn names: Set<[UInt8]>) async throws(ReadFailure) -> Bool {
    switch source {
    case .mapped(let reader):
      do throws(BlockError) {
        let table = try reader.index.postingsOffsets
        return names.contains { table.valueCount(of: $0) > 0 }
      } catch {
        throw .damaged(error)
      }
    case .remote(let block):
      for name in names {
        do throws(RemoteBlockError) {
          if try await block.hasLabel(named: name) { return true }
        } catch {
          throw ReadFailure(error)
        }
      }
      return false
    }
  }

  /// All label names inside the block.
  func labelNames() async throws(ReadFailure) -> [[UInt8]] {
    switch source {
    case .mapped(let reader):
      do throws(BlockError) {
        return try reader.index.labelNames()
      } catch {
        throw .damaged(error)
      }
    case .remote(let block):
      do throws(RemoteBlockError) {
        return try await block.labelNames()
      } catch {
        throw ReadFailure(error)
      }
    }
  }

  /// All values of a label inside the block.
  func labelValues(of name: [UInt8]) async throws(ReadFailure) -> SortedStrings {
    switch source {
    case .mapped(let reader):
      do throws(BlockError) {
        return try Self.values(of: name, in: reader.index)
      } catch {
        throw .damaged(error.inFile(reader.index.path))
      }
    case .remote(let block):
      do throws(RemoteBlockError) {
        var values = SortedStrings()
        for value in try await block.labelValues(of: name) { values.append(value.rawSpan) }
        return values
      } catch {
        throw ReadFailure(error)
      }
    }
  }

  private static func values(
    of name: [UInt8], in index: IndexReader
  ) throws(BlockError) -> SortedStrings {
    let table = try index.postingsOffsets
    let slice = table.slice
    let bytes = slice.bytes
    var values = SortedStrings()
    try table.forEachValue(of: name) { (value, _) throws(BlockError) in
      values.append(bytes.extracting(value))
      return true
    }
    return values
  }
}

internal import StoreAPI
internal import TSDBBlock

/// Moving chunks from a window, which knows its owners by its own numbers, to a batch.
extension SeriesWindow {
  /// Adds the chunks of a series to what is gathered for the last series of `batch`.
  func collectChunks(
    at index: Int, into collector: inout ChunkCollector, numbers: inout OwnerNumbers,
    owners batch: inout SeriesBatch
  ) {
    for chunk in chunkRange(at: index) {
      collector.beginChunk(minTime: chunks[chunk].minTime, maxTime: chunks[chunk].maxTime)
      for place in payloadRange(at: chunk) {
        collector.append(payload(place, &numbers, in: &batch))
      }
    }
  }

  /// Adds the chunks of a series to the last series of `batch`, as they are.
  func appendChunks(
    at index: Int, to batch: inout SeriesBatch, numbers: inout OwnerNumbers
  ) {
    for chunk in chunkRange(at: index) {
      batch.appendChunk(minTime: chunks[chunk].minTime, maxTime: chunks[chunk].maxTime)
      for place in payloadRange(at: chunk) {
        batch.appendPayload(payload(place, &numbers, in: &batch))
      }
    }
  }

  /// A payload whose owner is one of the batch's.
  private func payload(
    _ place: Int, _ numbers: inout OwnerNumbers, in batch: inout SeriesBatch
  ) -> ChunkPayload {
    var payload = payloads[place]
    payload.owner = numbers.number(of: Int(payload.owner), in: owners, batch: &batch)
    return payload
  }
}

/// The numbers that a batch knows the owners of a window by.
struct OwnerNumbers {
  /// -1 for those that the batch does not know yet.
  private var numbers: [Int32] = []
  private var batch = -1

  /// Begins anew unless the numbers are those of this batch.
  ///
  /// - Parameter batch: Different for every one.
  mutating func begin(batch: Int, ownerCount: Int) {
    guard self.batch != batch else { return }
    self.batch = batch
    numbers.removeAll(keepingCapacity: true)
    numbers.append(contentsOf: repeatElement(-1, count: ownerCount))
  }

  /// For when the window is another one.
  mutating func forget() { batch = -1 }

  fileprivate mutating func number(
    of owner: Int, in owners: [ByteStorage], batch: inout SeriesBatch
  ) -> Int32 {
    if numbers[owner] < 0 { numbers[owner] = batch.owner(owners[owner]) }
    return numbers[owner]
  }
}

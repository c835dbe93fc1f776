/// The postings: the offset table, every list, and whether together they say what the series say.
extension BlockScanner {
  /// Table entries that one thread checks at a time.
  private static let entriesPerSlice = 1024

  mutating func scanPostings(_ context: ScanContext) {
    let (context, series, threads) = (context, series, threads)
    guard let toc = tableOfContents else {
      scan.cardinality = CardinalityCount(context, series, duration: blockDuration).result
      return
    }
    let bytes = context.index.bytes
    let section: IndexSection
    do throws(BlockError) {
      section = try IndexSection(
        in: bytes, at: toc.postingsOffsetTable, name: PostingsOffsetTable.section)
    } catch {
      scan.log.report(.postingsTable, Self.indexPath, error)
      scan.cardinality = CardinalityCount(context, series, duration: blockDuration).result
      return
    }
    let entries = readTable(bytes, section)
    let duration = blockDuration
    let (lists, cardinality) = Parallel.both(threads: threads) {
      Self.checkLists(context, series, entries ?? [], threads: threads)
    } _: {
      CardinalityCount(context, series, duration: duration).result
    }
    scan.cardinality = cardinality
    scan.log.append(lists.log)
    checkCompleteness(lists, hasEntries: !(entries ?? []).isEmpty)
    scan.contents.postingsLists = entries?.count ?? 0
    addSection(
      "postings offset table", toc.postingsOffsetTable..<section.content.upperBound + 4,
      entries: entries?.count, entries == nil ? .damaged : .ok)
    if let range = lists.range {
      addSection("postings", range, entries: lists.count, lists.isIntact ? .ok : .damaged)
    }
  }

  private static func checkLists(
    _ context: ScanContext, _ series: ScannedSeriesList, _ entries: [TableEntry], threads: Int
  ) -> PostingsScan {
    let sliceCount = (entries.count + entriesPerSlice - 1) / entriesPerSlice
    let slices = Parallel.map(sliceCount, threads: threads) { number in
      let start = number * entriesPerSlice
      var slice = PostingsScan(context, series)
      slice.check(entries[start..<min(start + entriesPerSlice, entries.count)])
      return slice
    }
    var all = PostingsScan(context, series)
    for slice in slices { all.append(slice) }
    return all
  }

  private mutating func checkCompleteness(_ lists: PostingsScan, hasEntries: Bool) {
    guard hasEntries || scan.contents.series > 0, lists.isIntact, series.damaged.isEmpty
    else { return }
    if !lists.hasAll {
      scan.log.report(
        .postingsMissing, Self.indexPath, "postings",
        "the list of all series is missing; selectors without = find nothing")
    }
    if lists.pairCount < series.labels.count {
      scan.log.report(
        .postingsMissing, Self.indexPath, "postings",
        "the lists name \(lists.pairCount) series, the series have \(series.labels.count) labels; "
          + "selectors miss some series")
    }
  }

  private var blockDuration: Int64 {
    if let meta = scan.meta, meta.maxTime > meta.minTime { return meta.maxTime &- meta.minTime }
    return (scan.contents.maxTime ?? 0) &- (scan.contents.minTime ?? 0)
  }
}

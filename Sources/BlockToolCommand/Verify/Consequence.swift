internal import TSDBBlock

/// What a finding means for whoever reads the block, as far as its kind tells.
enum Consequence {
  /// Codes that only say what is unusual have none.
  static func text(_ finding: BlockScan.Finding) -> String? {
    switch finding.code.rawValue {
    case "meta-unreadable":
      "Prometheus and Thanos skip the block; salvage makes the file anew"
    case "meta-identity": "readers know the block by a name that its own file denies"
    case "meta-times" where finding.severity == .error: "queries skip the block or a part of it"
    case "meta-stats": "lists and planners count wrong; samples are not touched"
    case "meta-hash":
      "the file is not the one that was uploaded: damaged since then, or replaced"
    case "meta-files", "file-missing": "what is only in this file is lost"
    case "file-unreadable": "what is only in this file cannot be read"
    case "index-header", "index-toc", "postings-table":
      "Prometheus does not open the block; salvage rebuilds this part from the series"
    case "index-symbols":
      "Prometheus does not open the block; salvage takes the labels from the postings"
    case "symbols-order": "look-ups of labels fail; salvage sorts the symbols"
    case "series-entry": "the series is missing from every answer, and queries that meet it fail"
    case "series-order", "labels-order", "series-duplicate":
      "compaction halts, answers repeat or miss series; salvage sorts and merges them"
    case "series-labels": "the series cannot be told from others"
    case "series-without-chunks": "an empty series; salvage leaves it out"
    case "chunks-order": "answers may repeat or miss samples; salvage sorts and merges the chunks"
    case "chunk-outside-range": "compaction halts; queries never return these samples"
    case "postings-table-order", "postings-list", "postings-order", "postings-reference",
      "postings-missing":
      "selectors return wrong series; salvage rebuilds the postings, nothing is lost"
    case "segment-header": "Prometheus does not open the block; the chunks may be intact"
    case "chunk-missing", "chunk-record": "these samples are lost, and queries that meet them fail"
    case "chunk-encoding": "readers that do not know the encoding fail"
    case "chunk-samples", "chunk-times": "queries return wrong samples or fail"
    case "chunk-shared": "a series has the samples of another one"
    case "tombstones" where finding.severity == .error:
      "Prometheus does not open the block; deleted samples come back"
    case "aggregate-incomplete": "Thanos fails to read the chunk; salvage completes it"
    default: nil
    }
  }
}

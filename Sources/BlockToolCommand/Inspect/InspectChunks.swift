internal import Console
internal import TSDBBlock

/// `inspect --chunks SELECTOR`: the chunks of series as the index lists them, and with `--samples`
/// what is in them.
struct InspectChunks {
  private let path: String
  private let showsSamples: Bool
  private let format: OutputFormat
  private let context: ToolContext
  private var status = ToolStatus.clean

  init(_ path: String, samples: Bool, _ format: OutputFormat, _ context: ToolContext) {
    self.path = path
    showsSamples = samples
    self.format = format
    self.context = context
  }

  mutating func run(_ selector: String) throws -> ToolStatus {
    do {
      let block = try openBlock(path)
      var series: SeriesReader
      do {
        series = try block.series(matching: selector, includesDeleted: true)
      } catch let error {
        if error.code == .invalidMatcher { throw ToolError("\(error)") }
        throw error
      }
      while true {
        do throws(BlockError) {
          guard try series.next() else { break }
        } catch {
          _ = context.damaged(error, in: path)
          status = .damaged
          continue
        }
        try write(series)
      }
      return status
    } catch let error as BlockError {
      return context.damaged(error, in: path)
    }
  }

  private struct Row {
    var chunk: ChunkSpan
    var segment: String
    var decoded: DecodedChunk?
    var state: String
  }

  private mutating func write(_ series: SeriesReader) throws {
    var rows: [Row] = []
    for chunk in series.chunks {
      let row = row(chunk, series)
      if row.state != "ok" { status = .damaged }
      rows.append(row)
    }
    switch format {
    case .text: try context.output.write(text(series, rows))
    case .json: try context.output.write(json(series, rows) + [UInt8(ascii: "\n")])
    }
  }

  private func row(_ chunk: ChunkSpan, _ series: SeriesReader) -> Row {
    var row = Row(chunk: chunk, segment: "?", decoded: nil, state: "ok")
    do {
      let segment = try series.block.chunks.segment(of: chunk.location)
      row.segment = segment.path
      let slice = segment.file
      let source = try ChunkSource(record: slice.bytes, at: chunk.location.offset, nil)
      let decoded = DecodedChunk(source)
      row.decoded = decoded
      row.state = decoded.problems.first ?? timeProblem(chunk, decoded) ?? "ok"
    } catch {
      row.state = "\(error)"
    }
    return row
  }

  /// The first and the last sample must be where the index says.
  private func timeProblem(_ chunk: ChunkSpan, _ decoded: DecodedChunk) -> String? {
    guard let times = decoded.parts.first?.columns.timestamps, let first = times.first,
      let last = times.last, decoded.source.encoding != .aggregate
    else { return nil }
    guard first != chunk.minTime || last != chunk.maxTime else { return nil }
    return "samples are from \(first) to \(last)"
  }

  // MARK: Output

  private func text(_ series: SeriesReader, _ rows: [Row]) -> String {
    let terminal = context.terminal
    var text = terminal.styled("\(series.labels)", .bold) + "  series \(series.id)\n"
    var table = Table(
      ">#", "segment", ">offset", "encoding", ">samples", ">bytes", "from", "to", "state")
    for (number, row) in rows.enumerated() {
      table.add(
        "\(number + 1)", row.segment, "\(row.chunk.location.offset)",
        row.decoded?.source.encoding.name ?? "?",
        row.decoded?.parts.first?.statedCount.map { HumanText.count($0) } ?? "?",
        row.decoded.map { HumanText.count($0.source.payload.count) } ?? "?",
        HumanText.time(row.chunk.minTime), HumanText.time(row.chunk.maxTime), row.state)
      guard showsSamples else { continue }
      text += table.render(indent: 2, terminal)
      table = Table(
        ">#", "segment", ">offset", "encoding", ">samples", ">bytes", "from", "to", "state")
      for part in row.decoded?.parts ?? [] {
        if let kind = part.kind { text += "    \(kind)\n" }
        text += SampleTable.render(part.columns, indent: 4, terminal)
      }
    }
    return text + (table.isEmpty ? "" : table.render(indent: 2, terminal))
  }

  private func json(_ series: SeriesReader, _ rows: [Row]) -> [UInt8] {
    let chunks = rows.map { row -> RawJSON in
      .object([
        "segment": .string(row.segment), "offset": .count(row.chunk.location.offset),
        "minTime": .count(row.chunk.minTime), "maxTime": .count(row.chunk.maxTime),
        "encoding": row.decoded.map { .string($0.source.encoding.name) },
        "samples": row.decoded?.parts.first?.statedCount.map { .count($0) },
        "bytes": row.decoded.map { .count($0.source.payload.count) }, "state": .string(row.state),
        "parts": showsSamples
          ? row.decoded.map { .array($0.parts.map { ChunkJSON.part($0) }) } : nil,
      ])
    }
    return RawJSON.object([
      "labels": .labels(series.labels.pairs), "id": .count(series.id), "chunks": .array(chunks),
    ]).compactBytes
  }
}

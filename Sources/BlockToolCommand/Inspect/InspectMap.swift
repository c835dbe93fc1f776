internal import Console
internal import TSDBBlock

/// `inspect --map`: every byte range of every file with its meaning, a line each.
///
///     chunks/000001
///            8       41  chunk XOR, 3 samples, 1709294400000 to 1709294430000 of {…}
///           49       41  chunk …  DAMAGED checksum of the bytes is …
struct InspectMap {
  private let path: String
  private let format: OutputFormat
  private let context: ToolContext

  init(_ path: String, _ format: OutputFormat, _ context: ToolContext) {
    self.path = path
    self.format = format
    self.context = context
  }

  func run() throws -> ToolStatus {
    let owners = ChunkOwners(path)
    var status = ToolStatus.clean
    for file in try MappedFile.all(path) {
      if format == .text {
        try context.output.write(context.terminal.styled(file.name, .bold) + "\n")
      }
      try file.forEachRegion(owners) { region in
        if region.damage != nil { status = .damaged }
        switch format {
        case .text: try context.output.write(line(region))
        case .json: try context.output.write(json(region, file) + [UInt8(ascii: "\n")])
        }
        return true
      }
    }
    return status
  }

  private func line(_ region: ByteRegion) -> String {
    let damage = region.damage.map { "  " + context.terminal.styled("DAMAGED", .red) + " " + $0 }
    return "\(padded(region.range.lowerBound, 12)) \(padded(region.range.count, 9))  "
      + region.meaning + (damage ?? "") + "\n"
  }

  private func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: " ", count: max(0, width - digits.count)) + digits
  }

  private func json(_ region: ByteRegion, _ file: MappedFile) -> [UInt8] {
    RawJSON.object([
      "file": .string(file.name), "offset": .count(region.range.lowerBound),
      "length": .count(region.range.count), "kind": .string(region.kind.rawValue),
      "meaning": .string(region.meaning), "damage": region.damage.map { .string($0) },
    ]).compactBytes
  }
}

/// `inspect --at FILE:OFFSET`: one place, its bytes beside what they say.
///
///     index at offset 4721: series 295 {…}, 1 chunk
///            4720  2a                       byte count     42
///     >      4721  03                       labels         3
struct InspectPlace {
  private let path: String
  private let name: String
  private let offset: Int
  private let format: OutputFormat
  private let context: ToolContext

  private static let bytesPerLine = 8

  /// - Parameter place: `index:4720`, `chunks/000001:0x8`; an offset alone in a single file.
  init(_ path: String, _ place: String, _ format: OutputFormat, _ context: ToolContext) throws {
    let parts = place.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count <= 2, let offset = ChunkSource.number(parts[parts.count - 1]), offset >= 0,
      parts.count == 2 || !isDirectory(path)
    else {
      throw ToolError(
        "--at \(place) is no place: say index:4720 or chunks/000001:8, or an offset in one file")
    }
    self.path = path
    self.offset = offset
    name = parts.count == 2 ? String(parts[0]) : path
    self.format = format
    self.context = context
  }

  func run() throws -> ToolStatus {
    let file = try MappedFile(
      isDirectory(path) ? "\(path)/\(name)" : path, named: name,
      expected: MappedFile.expected(name))
    guard offset < file.file.count else {
      throw ToolError("\(name) has only \(HumanText.count(file.file.count)) bytes")
    }
    var found: ByteRegion?
    try file.forEachRegion(ChunkOwners(path)) { region in
      guard region.range.contains(offset) else { return true }
      found = region
      return false
    }
    guard let found else { throw ToolError("nothing is known of offset \(offset)") }
    let fields = file.fields(of: found, around: offset)
    switch format {
    case .text: try context.output.write(text(found, fields, file))
    case .json: try context.output.write(json(found, fields, file) + [UInt8(ascii: "\n")])
    }
    return found.damage == nil ? .clean : .damaged
  }

  private func text(_ region: ByteRegion, _ fields: [ByteField], _ file: MappedFile) -> String {
    let terminal = context.terminal
    var text = terminal.styled("\(name) at offset \(offset): \(region.meaning)", .bold) + "\n"
    text += "\(HumanText.plural(region.range.count, "byte")) from \(region.range.lowerBound) to "
    text += "\(region.range.upperBound - 1)\n"
    if let damage = region.damage {
      text += terminal.styled("DAMAGED", .red) + " \(damage)\n"
    }
    var table = Table("", ">offset", "bytes", "field", "value")
    for field in fields {
      let isHere = field.range.contains(offset)
      table.add(
        isHere ? ">" : "", "\(field.range.lowerBound)", hex(field.range, file, isHere), field.name,
        field.value)
    }
    return text + table.render(terminal)
  }

  /// The first bytes of a field, or those around the place asked for.
  private func hex(_ range: Range<Int>, _ file: MappedFile, _ isHere: Bool) -> String {
    let start = isHere && offset - range.lowerBound >= Self.bytesPerLine ? offset : range.lowerBound
    let end = min(range.upperBound, start + Self.bytesPerLine)
    let slice = file.file
    var cursor = ByteDecoder(slice.bytes, at: start)
    var parts: [String] = start > range.lowerBound ? ["…"] : []
    for _ in start..<end {
      if let byte = try? cursor.uint8() { parts.append(hexadecimal(byte)) }
    }
    if end < range.upperBound { parts.append("…") }
    return parts.joined(separator: " ")
  }

  private func json(_ region: ByteRegion, _ fields: [ByteField], _ file: MappedFile) -> [UInt8] {
    RawJSON.object([
      "file": .string(name), "offset": .count(region.range.lowerBound),
      "length": .count(region.range.count), "kind": .string(region.kind.rawValue),
      "meaning": .string(region.meaning), "damage": region.damage.map { .string($0) },
      "fields": .array(
        fields.map {
          .object([
            "offset": .count($0.range.lowerBound), "length": .count($0.range.count),
            "name": .string($0.name), "value": .string($0.value),
          ])
        }),
    ]).compactBytes
  }
}

internal import ArgumentParser
internal import CommandSupport
internal import Console
internal import TSDBBlock

/// `blocktool chunk …`
struct ChunkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "chunk",
    abstract: "Look into single chunks.",
    subcommands: [ChunkDecodeCommand.self])
}

/// `blocktool chunk decode HEX|FILE@OFFSET`
struct ChunkDecodeCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "decode",
    abstract: "Show the samples of a chunk that is given in hex or by its place.",
    discussion: """
      blocktool chunk decode BLOCK/chunks/000001@8
      blocktool chunk decode ULID/chunks/000001@8 --objstore.config-file=bucket.yml
      blocktool chunk decode --encoding 1 0001fc97b9caec5d0000000000000000
      blocktool chunk decode 1001 0001fc97b9caec5d0000000000000000 a1b2c3d4

      FILE@OFFSET is where a record begins in a segment: its length, the byte of its encoding, its
      data, its checksum. With a bucket FILE begins with the ULID of the block, and of a remote one
      only the record is read. HEX is such a record too; with --encoding it is the data alone, which
      begins with the number of samples. --encoding with a place reads the data as another
      encoding than the record says. What a wrong checksum protects is decoded all the same, up to
      where it makes no sense any more.

      Encodings: 1 XOR, 2 histogram, 3 floathistogram, 4 XOR2, 5 and 6 histograms with start times,
      255 Thanos aggregate.
      Exit codes: 0 clean, 1 usage or I/O error, 2 damage found.
      """)

  @Argument(help: "The bytes in hex, blanks allowed, or FILE@OFFSET.")
  var chunk: [String]

  @OptionGroup var objectStore: ObjectStoreOptions

  @Option(help: "The byte of the encoding.")
  var encoding: UInt8?

  @Option(help: "text or json.")
  var output = OutputFormat.text

  func run(_ context: ToolContext) throws -> ToolStatus {
    let source =
      try objectStore.isGiven
      ? BucketChunk(bucket: context.openBucket(objectStore.source)).source(chunk.joined(), encoding)
      : ChunkSource(chunk.joined(), encoding)
    let decoded = DecodedChunk(source)
    switch output {
    case .text: try context.output.write(ChunkText(decoded, context.terminal).text)
    case .json: try context.output.write(ChunkJSON.bytes(decoded) + [UInt8(ascii: "\n")])
    }
    return decoded.problems.isEmpty ? .clean : .damaged
  }
}

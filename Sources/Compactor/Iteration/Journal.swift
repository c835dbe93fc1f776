internal import BlockCatalog
internal import ObjectStore
internal import TSDBBlock

/// Remembers over a crash that a new block was made and waits for its upload.
///
///     {"version":2,"method":"chain","tombstones":{"<ULID>":"<SHA-256>"},"series":4,
///      "fingerprint":"…","segments":["000001"],"meta":{…}}        one line
///     0123abcd                                                   CRC-32C of the line above
///
/// It is written when the block is durable; whoever finds it reads the block before going on. One that was torn, or damaged since, or that does not tell what was deleted
/// from the inputs, counts as none: then the work is done again.
struct Journal: Equatable, Sendable {
  static let fileName = "journal"
  /// How long a result may wait. A partial upload is taken for given up after two days, and
  /// somebody may be about to remove it: nothing is added to one that old.
  static let lifetime: Int64 = 24 * 3_600_000
  private static let version = "2"

  /// How the block was made: with the same inputs another method gives another block.
  let method: String
  /// What the block lacks because it was deleted.
  let deletions: InputDeletions
  /// Of the block, as it is to be published.
  let meta: BlockMeta
  let proof: BlockProof

  /// Whether this is what a job would make that planned `planned` with the block's identity.
  func isResult(of planned: BlockMeta, by method: String, now: Int64) -> Bool {
    var described = meta
    described.stats = planned.stats
    described.thanos?.indexStats = planned.thanos?.indexStats ?? ThanosMeta.IndexStats()
    let age = now.subtractingReportingOverflow(meta.id.timeMilliseconds)
    return described == planned && self.method == method && !age.overflow
      && age.partialValue < Self.lifetime
  }
}

// MARK: - Bytes

extension Journal {
  var bytes: [UInt8] {
    // What was written as JSON before is JSON.
    let meta = (try? RawJSON(parsing: meta.jsonBytes())) ?? .null
    let line = RawJSON.object([
      Self.member("version", .number(Self.version)),
      Self.member("method", .string(Array(method.utf8))),
      Self.member("tombstones", deletions.json),
      Self.member("series", .number(String(proof.series))),
      Self.member("fingerprint", .string(Array(proof.fingerprint.description.utf8))),
      Self.member("segments", .array(proof.segments.map { .string(Array($0.utf8)) })),
      Self.member("meta", meta),
    ]).compactBytes
    return line + Self.end(of: line)
  }

  /// Nil when the bytes are no journal, or not a whole one.
  init?(_ bytes: [UInt8]) {
    guard let newline = bytes.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
    let line = Array(bytes[..<newline])
    guard Array(bytes[newline...]) == Self.end(of: line),
      case .object(let members)? = try? RawJSON(parsing: line)
    else { return nil }
    var values: [String: RawJSON] = [:]
    for member in members { values[String(decoding: member.key, as: UTF8.self)] = member.value }
    guard values["version"] == .number(Self.version),
      let method = Self.text(values["method"]),
      let deletions = InputDeletions(values["tombstones"]),
      case .number(let digits)? = values["series"], let series = UInt64(digits),
      let fingerprint = Self.text(values["fingerprint"]).flatMap(BlockFingerprint.init),
      case .array(let segments)? = values["segments"],
      let meta = values["meta"].flatMap({ try? BlockMeta(json: $0.compactBytes) })
    else { return nil }
    self.method = method
    self.deletions = deletions
    self.meta = meta
    proof = BlockProof(
      fingerprint: fingerprint, series: series, segments: segments.compactMap(Self.text))
  }

  private static func end(of line: [UInt8]) -> [UInt8] {
    var checksum = CRC32C()
    checksum.update(line)
    let digits = String(checksum.value, radix: 16)
    return Array("\n\(String(repeating: "0", count: 8 - digits.count))\(digits)\n".utf8)
  }

  private static func member(_ key: String, _ value: RawJSON) -> RawJSON.Member {
    RawJSON.Member(key: Array(key.utf8), value: value)
  }

  private static func text(_ value: RawJSON?) -> String? {
    guard case .string(let bytes)? = value else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }
}

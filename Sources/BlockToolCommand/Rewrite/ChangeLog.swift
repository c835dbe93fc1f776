internal import TSDBBlock

/// The log of what a rewrite changes, line by line as Thanos writes it:
///
///     Deleted {a="3"} [{10 11}]
///     Relabelled {a="1"} {a="3"}
///     Deleted {a="2"} [{0 20}]                a series that its relabelling drops
struct ChangeLog {
  private let write: (String) throws -> Void
  private(set) var deletedSeries = 0
  private(set) var relabelledSeries = 0

  init(_ write: @escaping (String) throws -> Void) { self.write = write }

  mutating func add(_ change: BlockEdit.Change) throws {
    switch change {
    case .deleted(let labels, let intervals):
      deletedSeries += 1
      let text = intervals.map { "{\($0.lowerBound) \($0.upperBound)}" }.joined(separator: " ")
      try write("Deleted \(PromText.labels(labels)) [\(text)]\n")
    case .relabelled(let old, let new):
      relabelledSeries += 1
      guard let new else {
        try write("Dropped \(PromText.labels(old))\n")
        return
      }
      try write("Relabelled \(PromText.labels(old)) \(PromText.labels(new))\n")
    }
  }
}

/// A file that is written line by line, in pieces.
final class LogFile {
  private static let pieceByteCount = 1 << 16

  private let path: String
  private var buffer: [UInt8] = []

  init(_ path: String) { self.path = path }

  func write(_ line: String) throws {
    buffer += line.utf8
    if buffer.count >= Self.pieceByteCount { try flush() }
  }

  func flush() throws {
    guard !buffer.isEmpty else { return }
    try FileSystem.append(buffer, to: path)
    buffer.removeAll(keepingCapacity: true)
  }

  /// Copies what was written, if anything, to a file that does not exist, maybe on another disk.
  func move(to target: String) throws {
    guard FileSystem.exists(path) else { return }
    let file = try ByteStorage(mapping: path)
    let bytes = file.bytes
    for start in stride(from: 0, to: bytes.byteCount, by: Self.pieceByteCount) {
      let end = min(start + Self.pieceByteCount, bytes.byteCount)
      try FileSystem.append([UInt8](bytes.extracting(start..<end)), to: target)
    }
    FileSystem.removeTree(path)
  }
}

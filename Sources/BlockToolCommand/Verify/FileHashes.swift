internal import BlockCatalog
internal import TSDBBlock

/// Compares files with the hashes that meta.json lists.
enum FileHashes {
  private static let code = BlockScan.Finding.Code(rawValue: "meta-hash")

  /// Adds a finding for each file whose bytes have another hash, and for hashes of functions that are
  /// not known.
  static func check(_ scan: inout BlockScan) {
    for file in scan.meta?.thanos?.files ?? [] {
      guard let hash = file.hash, !hash.value.isEmpty else { continue }
      guard hash.function == HashFunction.sha256.rawValue else {
        add(&scan, .warning, file.path, "has a hash of the unknown function \(hash.function)")
        continue
      }
      // A file that cannot be read is a finding of its own.
      guard isInside(file.path),
        let found = (try? FileHash.of("\(scan.directory)/\(file.path)"))?.value
      else { continue }
      if found != hash.value.lowercased() {
        add(&scan, .error, file.path, "has the SHA256 \(found), meta.json says \(hash.value)")
      }
    }
  }

  /// Whether a path that meta.json gives stays in the block.
  private static func isInside(_ path: String) -> Bool {
    !path.hasPrefix("/") && !path.split(separator: "/").contains("..")
  }

  private static func add(
    _ scan: inout BlockScan, _ severity: BlockScan.Finding.Severity, _ path: String,
    _ message: String
  ) {
    scan.add(
      BlockScan.Finding(severity: severity, code: code, path: path, message: message))
  }
}

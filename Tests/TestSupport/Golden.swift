internal import Foundation

/// Files made by real Prometheus and Thanos code.
///
/// They lie in `TestData/golden`, or in the directory named by `GOLDEN_DIR` with the same three
/// folders `format`, `compact` and `store`. Paths below start with one of these. A missing file
/// throws, so that a test can never pass by having nothing to compare.
public enum Golden {
  /// The folder that holds `format`, `compact` and `store`.
  public static let directory: String =
    ProcessInfo.processInfo.environment["GOLDEN_DIR"] ?? (repository + "/TestData/golden")

  /// The root of the checkout this test was built from.
  public static let repository: String = {
    let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    return parts.dropLast(3).joined(separator: "/")
  }()

  /// The file's bytes; `.gz` files are decompressed.
  public static func bytes(_ path: String) throws -> [UInt8] {
    let full = try existing(path)
    if path.hasSuffix(".gz") {
      return try runProcess("gzip", ["-dc", full]).requireSuccess().output
    }
    return Array(try Data(contentsOf: URL(fileURLWithPath: full)))
  }

  /// The lines of a text file, without the empty ones.
  public static func lines(_ path: String) throws -> [[UInt8]] {
    let bytes = try bytes(path)
    return bytes.split(separator: UInt8(ascii: "\n")).map { Array($0) }
  }

  /// One value per line of a `.jsonl` or `.jsonl.gz` file.
  ///
  /// - Parameter filter: looks at a line before it is parsed, which is what takes the time.
  public static func jsonLines(
    _ path: String, where filter: ([UInt8]) -> Bool = { _ in true }
  ) throws -> [JSONValue] {
    let values = try lines(path).filter(filter).map { try JSONValue(parsing: $0) }
    guard !values.isEmpty else { throw GoldenError(path: path, reason: "holds no case") }
    return values
  }

  /// The value in a `.json` file.
  public static func json(_ path: String) throws -> JSONValue {
    try JSONValue(parsing: bytes(path))
  }

  /// Unpacks a tar archive once per test run and returns the directory with its contents.
  ///
  /// Tests share it: read only. It is removed when the process ends.
  public static func unpacked(_ archive: String) throws -> String {
    let full = try existing(archive)
    return try unpackedArchives.withLock { known in
      if let path = known[archive] { return path }
      let directory = try makeTemporaryDirectory()
      removeAtExit(directory)
      _ = try runProcess("tar", ["-xf", full, "-C", directory]).requireSuccess()
      known[archive] = directory
      return directory
    }
  }

  private static let unpackedArchives = Locked<[String: String]>([:])

  /// The path of a file.
  public static func existing(_ path: String) throws -> String {
    let full = directory + "/" + path
    guard FileManager.default.fileExists(atPath: full) else {
      throw GoldenError(path: full, reason: "is missing; set GOLDEN_DIR or restore TestData/golden")
    }
    return full
  }
}

public struct GoldenError: Error, CustomStringConvertible {
  public var path: String
  public var reason: String

  public var description: String { "golden file \(path) \(reason)" }
}

// MARK: - Values in golden files

/// The bytes of a name or value: a string, or `{"hex": …}` where it is not valid UTF-8.
public func goldenBytes(_ value: JSONValue) throws -> [UInt8] {
  if let text = value.string { return Array(text.utf8) }
  guard let text = value["hex"].string, let bytes = hexBytes(text) else {
    throw GoldenError(path: "", reason: "holds neither a string nor hex: \(value)")
  }
  return bytes
}

/// The label pairs of a list of `[name, value]`, in the order stored.
public func goldenLabels(_ value: JSONValue) throws -> [(name: [UInt8], value: [UInt8])] {
  try (value.array ?? []).map { (try goldenBytes($0[0]), try goldenBytes($0[1])) }
}

/// The bytes of a hexadecimal text, or nil when it is none.
public func hexBytes(_ text: String) -> [UInt8]? {
  let digits = Array(text.utf8)
  guard digits.count.isMultiple(of: 2) else { return nil }
  var bytes: [UInt8] = []
  bytes.reserveCapacity(digits.count / 2)
  for index in stride(from: 0, to: digits.count, by: 2) {
    guard let high = nibble(digits[index]), let low = nibble(digits[index + 1]) else { return nil }
    bytes.append(high << 4 | low)
  }
  return bytes
}

private func nibble(_ digit: UInt8) -> UInt8? {
  switch digit {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
  case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
  case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
  default: nil
  }
}

extension JSONValue {
  /// The bytes of a string of hexadecimal digits.
  public var hexBytes: [UInt8]? { string.flatMap(TestSupport.hexBytes) }
}

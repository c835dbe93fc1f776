import Foundation
import TestSupport
import Testing

@testable import TSDBBlock

/// Blocks out of public repositories, written by real servers, and what independent readers found
/// in them: `contents.jsonl`, a line for each block, lone index and lone segment.
///
/// They lie in the directory named by `REALWORLD_DIR`, else beside the checkout. They are not part
/// of it, so tests over them are skipped where they are missing.
enum RealWorld {
  static let directory =
    ProcessInfo.processInfo.environment["REALWORLD_DIR"]
    ?? Golden.repository + "/../shared/realworld"

  static let isPresent = FileSystem.exists(directory + "/contents.jsonl")

  /// A line of `contents.jsonl`.
  struct Item: CustomTestStringConvertible {
    var path: String
    var expected: JSONValue

    var file: String { RealWorld.directory + "/" + path }
    var testDescription: String { path }
  }

  static let blocks = items("block")
  static let indexes = items("index")
  static let segments = items("segment")

  /// None where the data are missing.
  private static func items(_ kind: String) -> [Item] {
    contents.compactMap { line in
      guard line["kind"].string == kind, let path = line["path"].string else { return nil }
      return Item(path: path, expected: line)
    }
  }

  private static let contents: [JSONValue] = {
    guard isPresent else { return [] }
    do {
      return try readFile(directory + "/contents.jsonl").split(separator: UInt8(ascii: "\n"))
        .map { try JSONValue(parsing: Array($0)) }
    } catch {
      fatalError("\(directory)/contents.jsonl cannot be read: \(error)")
    }
  }()
}

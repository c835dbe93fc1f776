import BlockCatalog
import Foundation
import ObjectStore
import TSDBBlock
import TestSupport
import Testing

@testable import Compactor

struct WorkDirectoryTests {
  private let key = GroupKey(resolution: 0, labels: [])

  @Test func `work lies in compact below the data directory`() throws {
    try withTemporaryDirectory { directory in
      let bucket = try FilesystemBucket(directory: directory + "/bucket")
      let work = WorkDirectory(dataDirectory: directory + "/data", bucket: bucket)
      #expect(work.job(.compaction, "\(key)").path == resolved(directory) + "/data/compact/\(key)")
    }
  }

  @Test(arguments: ["/shared", "/shared/data", "/shared/a/b"])
  func `work in the bucket's directory is hidden`(data: String) throws {
    try withTemporaryDirectory { directory in
      let bucket = try FilesystemBucket(directory: directory + "/shared")
      let work = WorkDirectory(dataDirectory: directory + data, bucket: bucket)
      #expect(work.job(.compaction, "\(key)").path.contains("/.blockhouse-compact/"))
    }
  }

  @Test func `a bucket where work would lie is not touched`() async throws {
    for place in ["/data/compact", "/data/compact/blocks"] {
      try await withTemporaryDirectory { directory in
        let bucket = try FilesystemBucket(directory: directory + place)
        let name = try ObjectName("precious")
        try await bucket.write([1], to: name)
        let work = WorkDirectory(dataDirectory: directory + "/data", bucket: bucket)
        try work.job(.compaction, "\(key)").prepare(inputs: [])
        work.removeAll()
        #expect(try await bucket.exists(name))
      }
    }
  }

  @Test func `a symbolic link to the bucket's directory is seen through`() throws {
    try withTemporaryDirectory { directory in
      let bucket = try FilesystemBucket(directory: directory + "/shared")
      let manager = FileManager.default
      try manager.createDirectory(
        atPath: directory + "/shared", withIntermediateDirectories: true)
      try manager.createSymbolicLink(
        atPath: directory + "/link", withDestinationPath: directory + "/shared")
      let work = WorkDirectory(dataDirectory: directory + "/link/new", bucket: bucket)
      #expect(work.job(.compaction, "\(key)").path.contains("/.blockhouse-compact/"))
    }
  }

  private func resolved(_ path: String) -> String {
    URL(fileURLWithPath: path).resolvingSymlinksInPath().path
  }
}

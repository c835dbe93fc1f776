internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import ObjectStore

extension S3Bucket {
  /// Objects that are read whole are metas and marks; what is longer is read by ranges.
  private static let wholeByteLimit = 512 << 20
  /// Of an object; beyond it a range has no end.
  private static let largestObject = 5 << 40

  func attributes(_ name: ObjectName) async throws(BucketError) -> ObjectAttributes {
    let headers = try await head(name, .attributes)
    guard let size = headers.first(name: "content-length").flatMap({ Int($0) }), size >= 0 else {
      throw BucketError(
        .permanent, .attributes, object: name.text, detail: "the store does not tell its size")
    }
    let modified = headers.first(name: "last-modified").flatMap { SigningTime(httpDate: $0) }
    return ObjectAttributes(size: size, modifiedMilliseconds: (modified?.seconds ?? 0) * 1000)
  }

  func exists(_ name: ObjectName) async throws(BucketError) -> Bool {
    try await exists(name, .exists)
  }

  func read(_ name: ObjectName, range: Range<Int>?) async throws(BucketError) -> [UInt8] {
    let start = max(0, range?.lowerBound ?? 0)
    let end = range.map { max(start, $0.upperBound) }
    guard end != start else {
      _ = try await head(name, .getRange)
      return []
    }
    var bytes: [UInt8] = []
    try await stream(
      name, range: start..<(end ?? Self.largestObject), isWhole: range == nil
    ) { piece, expected throws(BucketError) in
      if bytes.isEmpty { bytes.reserveCapacity(min(expected, 64 << 20)) }
      guard range != nil || bytes.count + piece.readableBytes <= Self.wholeByteLimit else {
        throw BucketError(
          .permanent, .get, object: name.text,
          detail: "it is longer than \(Self.wholeByteLimit) bytes, which are not read at once")
      }
      bytes.append(contentsOf: piece.readableBytesView)
    }
    return bytes
  }

  func download(
    _ name: ObjectName, to path: String
  ) async throws(BucketError) -> Int {
    let file = try await onBlockingThread { () throws(BucketError) in try GrowingFile(path) }
    var waiting: [UInt8] = []
    var written = 0
    try await stream(name, range: 0..<Self.largestObject, isWhole: true) {
      piece, _ throws(BucketError) in
      waiting.append(contentsOf: piece.readableBytesView)
      guard waiting.count >= 1 << 20 else { return }
      written += waiting.count
      try await append(&waiting, to: file)
    }
    written += waiting.count
    try await append(&waiting, to: file)
    return written
  }

  /// Hands on the bytes of a range in order. A body that ends too early is continued behind the last
  /// byte that came, as long as the object is still the same.
  private func stream(
    _ name: ObjectName, range: Range<Int>, isWhole: Bool,
    _ body: (_ piece: ByteBuffer, _ expected: Int) async throws(BucketError) -> Void
  ) async throws(BucketError) {
    var schedule = client.schedule()
    var position = range.lowerBound
    var etag: String?
    while position < range.upperBound {
      let request = request(name, position, range.upperBound, isWhole: isWhole, etag: etag)
      let response: HTTPClientResponse
      do {
        response = try await client.response(to: request, &schedule)
      } catch  where error.code == .preconditionFailed {
        throw BucketError(
          .transient, request.operation, object: name.text,
          detail: "somebody replaced the object while it was read")
      }
      if response.status == .rangeNotSatisfiable {
        // The object ends before the range. Read, so that the connection can be used again.
        _ = try? await response.body.collect(upTo: 1 << 16)
        return
      }
      etag = response.headers.first(name: "etag") ?? etag
      let expected = try expectedCount(response, position, range.upperBound, request)
      var received = 0
      do {
        for try await piece in response.body {
          let piece = piece.getSlice(
            at: piece.readerIndex, length: min(piece.readableBytes, expected - received))
          guard let piece, piece.readableBytes > 0 else { continue }
          received += piece.readableBytes
          try await body(piece, expected)
        }
        if received >= expected { return }
        position += received
        if received > 0 { schedule.progressed() }
        try await schedule.pause(
          after: S3Failure(.transient, "the body ended before its \(expected) bytes"), of: request)
      } catch let error as BucketError {
        throw error
      } catch {
        if received >= expected { return }
        position += received
        if received > 0 { schedule.progressed() }
        try await schedule.pause(
          after: TransportErrors.failure(error, to: client.configuration.endpoint), of: request)
      }
    }
  }

  private func request(
    _ name: ObjectName, _ start: Int, _ end: Int, isWhole: Bool, etag: String?
  ) -> S3Request {
    var request = S3Request(
      method: .GET, key: name.text, accepted: [416], mayHedge: true,
      operation: isWhole ? .get : .getRange)
    request.headers = encryption.customer
    if !isWhole || start > 0 {
      let last = end < Self.largestObject ? "\(end - 1)" : ""
      request.headers.append(("range", "bytes=\(start)-\(last)"))
    }
    if let etag { request.headers.append(("if-match", etag)) }
    return request
  }

  /// How many bytes the body must have, and that they are those asked for.
  private func expectedCount(
    _ response: HTTPClientResponse, _ start: Int, _ end: Int, _ request: S3Request
  ) throws(BucketError) -> Int {
    guard let length = response.headers.first(name: "content-length").flatMap({ Int($0) }),
      length >= 0
    else {
      throw request.error(.transient, "the store does not tell the length of its answer")
    }
    if response.status == .partialContent {
      let range = response.headers.first(name: "content-range") ?? ""
      guard range.hasPrefix("bytes \(start)-"), length <= end - start else {
        throw request.error(
          .transient, "asked for bytes from \(start) on, got \"\(range.prefix(64))\"")
      }
      return length
    }
    guard start == 0 else {
      throw request.error(.permanent, "the store sends whole objects where a range is asked for")
    }
    return min(length, end)
  }

  // MARK: Heads

  func exists(
    _ name: ObjectName, _ operation: BucketOperation
  ) async throws(BucketError) -> Bool {
    do {
      _ = try await head(name, operation)
      return true
    } catch  where error.code == .notFound {
      return false
    }
  }

  private func head(
    _ name: ObjectName, _ operation: BucketOperation
  ) async throws(BucketError) -> HTTPHeaders {
    var request = S3Request(method: .HEAD, key: name.text, operation: operation)
    request.headers = encryption.customer
    return try await client.answer(to: request).headers
  }

  private func append(_ bytes: inout [UInt8], to file: GrowingFile) async throws(BucketError) {
    let taken = bytes
    bytes = []
    try await onBlockingThread { () throws(BucketError) in try file.append(taken) }
  }
}

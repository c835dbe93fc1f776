internal import NIOHTTP1
internal import ObjectStore

extension S3Bucket {
  func write(_ bytes: [UInt8], to name: ObjectName) async throws(BucketError) {
    try await put(.bytes(bytes), to: name)
  }

  func upload(file path: String, to name: ObjectName) async throws(BucketError) {
    let file = try await onBlockingThread { () throws(BucketError) in
      try ReadableFile(path, for: name)
    }
    if client.configuration.usesParts, file.size > client.configuration.partSize {
      try await MultipartUpload(bucket: self, name: name, file: file).run()
    } else {
      try await put(.file(FilePart(file: file, offset: 0, byteCount: file.size)), to: name)
    }
  }

  /// Costs one request more than a deletion, because S3 does not tell whether there was anything.
  func delete(_ name: ObjectName) async throws(BucketError) {
    guard try await exists(name, .delete) else {
      throw BucketError(.notFound, .delete, object: name.text, detail: "no such object")
    }
    _ = try await client.answer(
      to: S3Request(method: .DELETE, key: name.text, operation: .delete))
  }

  /// Writes an object by one request.
  ///
  /// - Parameter accepted: statuses that are answers, beside those of success.
  @discardableResult
  func put(
    _ body: S3Request.Body, to name: ObjectName, headers: [(name: String, value: String)] = [],
    accepted: Set<Int> = []
  ) async throws(BucketError) -> S3Answer {
    var request = S3Request(
      method: .PUT, key: name.text, body: body, accepted: accepted, operation: .upload)
    request.headers = uploadHeaders + encryption.whole + headers
    await check(&request)
    return try await client.answer(to: request)
  }

  /// Adds what the store compares the body with.
  ///
  /// Over TLS Content-MD5 is enough; without it, or in the open, the signature covers the body.
  func check(_ request: inout S3Request) async {
    let wantsMD5 = client.configuration.sendsContentMD5
    let wantsSHA256 = client.configuration.isInsecure || !wantsMD5
    let md5: [UInt8]
    switch request.body {
    case .none: return
    case .bytes(let bytes):
      md5 = wantsMD5 ? Digests.md5(bytes) : []
    case .file(let part):
      let digests = await part.digests(md5: wantsMD5, sha256: wantsSHA256)
      md5 = digests.md5
      if wantsSHA256 { request.payloadHash = Digests.hex(digests.sha256) }
    }
    if wantsMD5 { request.headers.append(("content-md5", Digests.base64(md5))) }
  }
}

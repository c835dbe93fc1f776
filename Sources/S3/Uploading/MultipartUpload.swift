internal import NIOHTTP1
internal import ObjectStore

/// A file uploaded in parts, some of them at once.
///
///     begin ─► parts, each with its own tries ─► complete
///                 └─► one fails for good ─► abort, so that nothing is left to pay for
struct MultipartUpload: Sendable {
  private static let maximumPartCount = 10_000
  /// Each holds a piece of the file in memory, not the part.
  private static let partsAtOnce = 4

  let bucket: S3Bucket
  let name: ObjectName
  let file: ReadableFile

  func run() async throws(BucketError) {
    let id = try await begin()
    do throws(BucketError) {
      let etags = try await uploadParts(id)
      try await complete(id, etags)
    } catch {
      await abort(id)
      throw error
    }
  }

  private var partSize: Int {
    let least = (file.size + Self.maximumPartCount - 1) / Self.maximumPartCount
    return max(bucket.client.configuration.partSize, least)
  }

  private func begin() async throws(BucketError) -> String {
    var request = S3Request(
      method: .POST, key: name.text, query: [("uploads", "")], operation: .upload)
    request.headers = bucket.uploadHeaders + bucket.encryption.whole
    let answer = try await bucket.client.answer(to: request)
    guard let id = UploadAnswers.uploadID(answer.body), !id.isEmpty else {
      throw request.error(.permanent, "the store gives no upload to add parts to")
    }
    return id
  }

  private func uploadParts(_ id: String) async throws(BucketError) -> [String] {
    typealias Answer = (place: Int, etag: Result<String, BucketError>)
    let size = partSize
    let count = (file.size + size - 1) / size
    let outcome = await withTaskGroup(of: Answer.self) { group -> Result<[String], BucketError> in
      var etags = [String](repeating: "", count: count)
      var next = 0
      func begin() {
        let place = next
        next += 1
        let part = FilePart(
          file: file, offset: place * size, byteCount: min(size, file.size - place * size))
        group.addTask {
          do throws(BucketError) {
            return (place, .success(try await upload(part, place, id)))
          } catch {
            return (place, .failure(error))
          }
        }
      }
      while next < min(count, Self.partsAtOnce) { begin() }
      while let answer = await group.next() {
        switch answer.etag {
        case .success(let etag): etags[answer.place] = etag
        case .failure(let error):
          group.cancelAll()
          return .failure(error)
        }
        if next < count { begin() }
      }
      return .success(etags)
    }
    return try outcome.get()
  }

  private func upload(
    _ part: FilePart, _ place: Int, _ id: String
  ) async throws(BucketError) -> String {
    var request = S3Request(
      method: .PUT, key: name.text, query: [("partNumber", "\(place + 1)"), ("uploadId", id)],
      body: .file(part), operation: .upload)
    request.headers = bucket.encryption.customer
    await bucket.check(&request)
    let answer = try await bucket.client.answer(to: request)
    guard let etag = answer.headers.first(name: "etag"), !etag.isEmpty else {
      throw request.error(.permanent, "the store gives no ETag for part \(place + 1)")
    }
    return etag
  }

  private func complete(_ id: String, _ etags: [String]) async throws(BucketError) {
    let request = S3Request(
      method: .POST, key: name.text, query: [("uploadId", id)],
      headers: [("content-type", "application/xml")],
      body: .bytes(UploadAnswers.completion(etags: etags)), accepted: [404], operation: .upload)
    let answer = try await bucket.client.answer(
      to: request, isComplete: UploadAnswers.isComplete)
    guard answer.status == 404 else { return }
    // The upload may be complete, and only the answer lost: then it is no longer there.
    guard answer.failures > 0, let size = try? await bucket.attributes(name).size,
      size == file.size
    else { throw request.error(.permanent, ErrorAnswer.reason(answer.body, 404)) }
  }

  /// Runs to its end when the upload was cancelled, too.
  private func abort(_ id: String) async {
    let request = S3Request(
      method: .DELETE, key: name.text, query: [("uploadId", id)], operation: .upload)
    await Task { [bucket] in _ = try? await bucket.client.answer(to: request) }.value
  }
}

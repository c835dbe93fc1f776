internal import FoundationEssentials
internal import ObjectStore

/// The headers that say how an object is encrypted.
struct Encryption: Sendable {
  /// Of requests that write a whole object, or begin one.
  var whole: [(name: String, value: String)] = []
  /// Of all requests for bytes, with keys that the store does not keep.
  var customer: [(name: String, value: String)] = []

  /// Reads the key of a customer from its file.
  init(_ encryption: S3Encryption) throws(BucketError) {
    let prefix = "x-amz-server-side-encryption"
    switch encryption {
    case .none: break
    case .managed: whole = [(prefix, "AES256")]
    case .keyService(let id, let context):
      whole = [(prefix, "aws:kms"), ("\(prefix)-aws-kms-key-id", id)]
      if !context.isEmpty {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let document = (try? encoder.encode(context)).map { Array($0) } ?? []
        whole.append(("\(prefix)-context", Digests.base64(document)))
      }
    case .customerKey(let path):
      guard let key = LocalCopy.read(path) else {
        throw BucketError(.permanent, .get, object: path, detail: "the key cannot be read")
      }
      guard key.count == 32 else {
        throw BucketError(
          .permanent, .get, object: path, detail: "the key has \(key.count) bytes and not 32")
      }
      customer = [
        ("\(prefix)-customer-algorithm", "AES256"),
        ("\(prefix)-customer-key", Digests.base64(key)),
        ("\(prefix)-customer-key-md5", Digests.base64(Digests.md5(key))),
      ]
      whole = customer
    }
  }
}

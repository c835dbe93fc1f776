internal import BlockCatalog
internal import TSDBBlock

/// A new block on a local disk that has been read back and holds what it should.
struct ProvenBlock: Sendable {
  let directory: String
  /// As it is to be published, but for the list of files and the time.
  let meta: BlockMeta
  /// Chunks first: names from the directory, and sizes in bytes.
  let files: [(path: String, size: Int)]
  let proof: BlockProof

  func upload(_ transfers: Transfers) -> BlockUpload {
    var upload = BlockUpload(directory: directory, meta: meta, files: files)
    upload.hashFunction = transfers.hashFunction
    upload.fileConcurrency = transfers.fileConcurrency
    return upload
  }
}

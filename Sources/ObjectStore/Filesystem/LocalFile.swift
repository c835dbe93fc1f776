/// All bytes of a file outside any bucket, such as a configuration.
package func readLocalFile(_ path: String) async throws(BucketError) -> [UInt8] {
  try await onBlockingThread { () throws(BucketError) in
    do throws(SystemError) {
      let file = try OpenFile(reading: path)
      var bytes: [UInt8] = []
      // By steps and not by size, because a pipe such as /dev/stdin has none.
      while true {
        let step = try file.nextBytes()
        guard !step.isEmpty else { return bytes }
        bytes += step
      }
    } catch {
      throw BucketError(.permanent, .get, object: path, detail: error.message)
    }
  }
}

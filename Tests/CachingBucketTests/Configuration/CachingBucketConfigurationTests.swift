import ObjectStore
import Testing

@testable import CachingBucket

@Suite struct CachingBucketConfigurationTests {
  @Test func `absent keys have the values of the reference`() throws {
    let configuration = try CachingBucketConfiguration.parse(yaml: "type: IN-MEMORY\n")
    #expect(configuration.rules == CachingRules())
    let size = ByteSize(byteCount: 250 << 20)
    #expect(configuration.store == .memory(size: size, itemSize: ByteSize(byteCount: 125 << 20)))
  }

  @Test func `all keys are read`() throws {
    let yaml = """
      type: memcached
      config: {addresses: [a:1]}
      chunk_subrange_size: 1
      max_chunks_get_range_requests: -1
      metafile_max_size: 2MiB
      chunk_object_attrs_ttl: 3s
      chunk_subrange_ttl: 4s
      blocks_iter_ttl: 5s
      metafile_exists_ttl: 6s
      metafile_doesnt_exist_ttl: 7s
      metafile_content_ttl: 8s
      """
    let rules = try CachingBucketConfiguration.parse(yaml: yaml).rules
    var expected = CachingRules()
    expected.subrangeSize = 1
    expected.maximumRequests = 0
    expected.maximumFileSize = 2 << 20
    expected.attributesLifetime = .seconds(3)
    expected.subrangeLifetime = .seconds(4)
    expected.listingLifetime = .seconds(5)
    expected.existsLifetime = .seconds(6)
    expected.doesNotExistLifetime = .seconds(7)
    expected.contentLifetime = .seconds(8)
    #expect(rules == expected)
  }

  @Test(arguments: [
    (
      "type: GROUPCACHE\n",
      "line 1: type GROUPCACHE is not supported: it lets anybody read the bucket over HTTP; "
        + "use IN-MEMORY, MEMCACHED, REDIS, DISK"
    ),
    ("config: {}\n", #"line 1: no type; write "type: IN-MEMORY""#),
    ("", #"the caching bucket configuration is empty; write "type: IN-MEMORY""#),
    ("type: IN-MEMORY\nchunk_subrange_size: 0\n", "line 2: chunk_subrange_size must be positive"),
    (
      "type: IN-MEMORY\nchunk_subrange_tll: 1s\n",
      #"line 2: unknown key "chunk_subrange_tll" in the caching bucket configuration; "#
        + #"did you mean "chunk_subrange_ttl"?"#
    ),
    ("type: DISK\nconfig: {}\n", #"line 2: no directory in config; write "directory: PATH""#),
    (
      "type: DISK\nconfig: {directory: x, max_size: 1MiB}\n",
      "line 2: max_size 1MiB is too small; 8MiB is the least"
    ),
  ])
  func `what is wrong is named with its line`(yaml: String, message: String) {
    let error = #expect(throws: ConfigurationError.self) {
      try CachingBucketConfiguration.parse(yaml: yaml)
    }
    #expect(error?.description == message)
  }

  @Test func `a disk cache keeps indexes too, and tells versions apart`() throws {
    let configuration = try CachingBucketConfiguration.parse(
      yaml: "{type: DISK, config: {directory: x}}")
    #expect(configuration.rules.keepsIndexes)
    #expect(configuration.rules.tellsVersions)
  }
}

import StoreAPI
import SwiftProtobuf

/// What answers say in their hints.
enum Hintspb {
  /// Sorted.
  static func blocks(of response: Thanos_LabelNamesResponse) throws -> [String] {
    try Hintspb_LabelNamesResponseHints(unpackingAny: response.hints).queriedBlocks.map(\.id)
      .sorted()
  }

  /// Sorted.
  static func blocks(of response: Thanos_LabelValuesResponse) throws -> [String] {
    try Hintspb_LabelValuesResponseHints(unpackingAny: response.hints).queriedBlocks.map(\.id)
      .sorted()
  }
}

internal import StoreAPI
internal import SwiftProtobuf

extension LabelAnswer {
  /// - Parameter makeHints: the hints that name these blocks.
  init(
    _ answer: LabelQuery.Answer,
    makeHints: ([Hintspb_Block]) -> some SwiftProtobuf.Message
  ) throws {
    self.init(strings: answer.strings, warnings: answer.warnings)
    if let blocks = answer.queriedBlocks {
      let hints = makeHints(blocks.map(Hintspb_Block.init))
      self.hints = try Google_Protobuf_Any(message: hints).serializedBytes()
    }
  }
}

public import GRPCCore
internal import TSDBBlock

/// Encodes `LabelNamesResponse` and `LabelValuesResponse`, which have one form.
///
///     names or values 1, repeated │ warnings 2, repeated │ hints 3
///
/// No string is made of a name or a value: its bytes are copied into the message.
public struct LabelAnswerSerializer: MessageSerializer {
  public init() {}

  public func serialize<Bytes: GRPCContiguousBytes>(_ answer: LabelAnswer) throws -> Bytes {
    let warnings = answer.warnings.map { Array($0.utf8) }
    return ProtobufWriter.make(Self.size(answer, warnings)) { writer in
      let strings = answer.strings
      for index in 0..<strings.count {
        let range = strings.range(at: index)
        writer.header(field: 1, length: range.count)
        writer.bytes(strings.bytes.rawSpan.extracting(range))
      }
      for warning in warnings {
        writer.header(field: 2, length: warning.count)
        writer.bytes(warning.rawSpan)
      }
      if let hints = answer.hints {
        writer.header(field: 3, length: hints.count)
        writer.bytes(hints.rawSpan)
      }
    }
  }

  private static func size(_ answer: LabelAnswer, _ warnings: [[UInt8]]) -> Int {
    var size = 0
    for index in 0..<answer.strings.count {
      size &+= ProtobufSize.delimited(answer.strings.range(at: index).count)
    }
    for warning in warnings { size &+= ProtobufSize.delimited(warning.count) }
    if let hints = answer.hints { size &+= ProtobufSize.delimited(hints.count) }
    return size
  }
}

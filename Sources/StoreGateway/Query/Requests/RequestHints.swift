internal import FoundationEssentials
internal import StoreAPI
internal import SwiftProtobuf
internal import TSDBBlock

/// Hints travel as `google.protobuf.Any`; the wrong type inside is the client's mistake.
enum RequestHints {
  /// Decodes `hints` as `type`.
  ///
  /// - Parameter call: As the reference names it in the error: `series`, `label names`, ….
  static func decode<Hints: Message>(
    _ hints: Google_Protobuf_Any, as type: Hints.Type, call: String
  ) throws(QueryError) -> Hints {
    let prefix = "unmarshal \(call) request hints"
    guard let slash = hints.typeURL.lastIndex(of: "/") else {
      throw .invalidRequest("\(prefix): message type url \"\(hints.typeURL)\" is invalid")
    }
    let name = hints.typeURL[hints.typeURL.index(after: slash)...]
    guard name == Hints.protoMessageName else {
      throw .invalidRequest(
        "\(prefix): mismatched message type: got \"\(name)\" want \"\(Hints.protoMessageName)\"")
    }
    do {
      return try Hints(serializedBytes: hints.value)
    } catch {
      throw .invalidRequest("\(prefix): the bytes are not a \(Hints.protoMessageName)")
    }
  }
}

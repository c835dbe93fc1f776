internal import ObjectStore
internal import TSDBBlock
internal import Telemetry

/// Values as they stand in a cache, in the forms of Thanos. What is not in form is a miss.
enum CachedForm {
  // MARK: Attributes

  /// `{"size":123,"last_modified":"2026-01-02T03:04:05.678Z"}`
  static func bytes(of attributes: ObjectAttributes) -> [UInt8] {
    let time = RFC3339.text(milliseconds: attributes.modifiedMilliseconds)
    return RawJSON.object([
      .init(key: Array("size".utf8), value: .number("\(attributes.size)")),
      .init(key: Array("last_modified".utf8), value: .string(Array(time.utf8))),
    ]).compactBytes
  }

  static func attributes(_ bytes: [UInt8]) -> ObjectAttributes? {
    guard case .object(let members) = try? RawJSON(parsing: bytes) else { return nil }
    var size: Int?
    var modified: Int64?
    for member in members {
      switch (String(decoding: member.key, as: UTF8.self), member.value) {
      case ("size", .number(let text)): size = Int(text)
      case ("last_modified", .string(let text)):
        modified = RFC3339.milliseconds(String(decoding: text, as: UTF8.self))
      default: continue
      }
    }
    guard let size, size >= 0, let modified else { return nil }
    return ObjectAttributes(size: size, modifiedMilliseconds: modified)
  }

  // MARK: Existence

  static func bytes(ofExistence exists: Bool) -> [UInt8] {
    Array((exists ? "true" : "false").utf8)
  }

  static func existence(_ bytes: [UInt8]) -> Bool? {
    if bytes.elementsEqual("true".utf8) { return true }
    return bytes.elementsEqual("false".utf8) ? false : nil
  }

  // MARK: Listings

  /// A list of names; those of directories end with a slash.
  static func bytes(ofListing objects: [ListedObject]) -> [UInt8] {
    RawJSON.array(
      objects.map { .string(Array(($0.name.text + ($0.isDirectory ? "/" : "")).utf8)) }
    ).compactBytes
  }

  /// What stands at the root. A cache knows neither sizes nor times: they are 0.
  static func listing(_ bytes: [UInt8]) -> [ListedObject]? {
    guard case .array(let names) = try? RawJSON(parsing: bytes) else { return nil }
    var objects: [ListedObject] = []
    for case .string(let text) in names {
      let isDirectory = text.last == UInt8(ascii: "/")
      let text = String(decoding: isDirectory ? text.dropLast() : text[...], as: UTF8.self)
      guard let name = try? ObjectName(text), name.parent == nil else { return nil }
      objects.append(
        ListedObject(name: name, isDirectory: isDirectory, size: 0, modifiedMilliseconds: 0))
    }
    return objects.count == names.count ? objects.sorted { $0.name < $1.name } : nil
  }

  // MARK: Contents

  /// Whether some bytes can be the file `name` of a block: JSON, and a meta.json of that block.
  static func isContent(_ bytes: [UInt8], of name: ObjectName) -> Bool {
    guard case .object = try? RawJSON(parsing: bytes) else { return false }
    guard name.lastComponent == BlockMeta.fileName[...], let meta = try? BlockMeta(json: bytes),
      let directory = name.components.dropLast().last, let id = BlockID(String(directory))
    else { return true }
    return meta.id == id
  }
}

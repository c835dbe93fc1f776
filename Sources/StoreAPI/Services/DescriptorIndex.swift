internal import GRPCCore
internal import SwiftProtobuf

/// Finds files of a `FileDescriptorSet` by name and by the symbols they define.
struct DescriptorIndex: Sendable {
  private var files: [String: (dependencies: [String], encoded: [UInt8])] = [:]
  private var fileOfSymbol: [String: String] = [:]
  /// Full names, sorted.
  private(set) var services: [String] = []

  init(descriptorSet bytes: [UInt8]) throws {
    let set = try Google_Protobuf_FileDescriptorSet(serializedBytes: bytes)
    for file in set.file {
      files[file.name] = (file.dependency, try file.serializedBytes())
      addSymbols(of: file)
    }
    services.sort { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
  }

  /// The file and everything it imports, each file once, the named one first.
  func encodedFiles(named name: String) -> [[UInt8]]? {
    guard files[name] != nil else { return nil }
    var queue = [name]
    var seen = Set(queue)
    var result: [[UInt8]] = []
    while let next = queue.popLast() {
      guard let file = files[next] else { continue }
      result.append(file.encoded)
      queue += file.dependencies.filter { seen.insert($0).inserted }
    }
    return result
  }

  /// As ``encodedFiles(named:)``, for the file that defines `symbol`.
  func encodedFiles(defining symbol: String) -> [[UInt8]]? {
    fileOfSymbol[symbol].flatMap(encodedFiles(named:))
  }

  func isDefined(_ symbol: String) -> Bool { fileOfSymbol[symbol] != nil }

  private mutating func addSymbols(of file: Google_Protobuf_FileDescriptorProto) {
    let scope = file.package.isEmpty ? "" : file.package + "."
    for message in file.messageType { add(message, scope: scope, file: file.name) }
    for type in file.enumType { add(type, scope: scope, file: file.name) }
    for service in file.service {
      let name = scope + service.name
      services.append(name)
      fileOfSymbol[name] = file.name
      for method in service.method { fileOfSymbol["\(name).\(method.name)"] = file.name }
    }
  }

  private mutating func add(
    _ message: Google_Protobuf_DescriptorProto, scope: String, file: String
  ) {
    let name = scope + message.name
    fileOfSymbol[name] = file
    for field in message.field { fileOfSymbol["\(name).\(field.name)"] = file }
    for nested in message.nestedType { add(nested, scope: name + ".", file: file) }
    for type in message.enumType { add(type, scope: name + ".", file: file) }
  }

  private mutating func add(
    _ type: Google_Protobuf_EnumDescriptorProto, scope: String, file: String
  ) {
    fileOfSymbol[scope + type.name] = file
    // Values of an enum belong to the scope around it.
    for value in type.value { fileOfSymbol[scope + value.name] = file }
  }
}

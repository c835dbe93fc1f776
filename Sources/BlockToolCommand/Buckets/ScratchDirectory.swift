internal import Glibc
internal import ObjectStore
internal import TSDBBlock

/// A directory of our own that goes away with the value.
final class ScratchDirectory {
  let path: String
  private let leftover: Leftover

  /// - Parameter parent: made when it does not exist; the directory for temporary files if nil.
  init(in parent: String? = nil) throws {
    let parent = parent ?? environmentVariable("TMPDIR") ?? "/tmp"
    do {
      try FileSystem.makeDirectories(parent)
    } catch {
      throw ToolError("\(error); name another one with --tmp.dir")
    }
    var template = Array("\(parent)/blocktool-XXXXXX".utf8CString)
    // SAFETY: the call replaces the last six characters of the text, which ends with a zero.
    guard unsafe mkdtemp(&template) != nil else {
      throw ToolError(
        "cannot make a directory in \(parent): \(unsafe String(cString: strerror(errno)))")
    }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    leftover = Leftover(path)
  }
}

internal import Foundation

/// What an HTTP server answered.
public struct HTTPAnswer: Sendable {
  public var status: Int
  /// Names in lower case.
  public var headers: [String: String]
  public var body: String
  /// The same as ``body``, which a compressed one is not.
  public var bytes: [UInt8]
}

/// Asks a server on this machine and reads until it closes the connection.
public func httpRequest(
  port: Int, _ path: String, method: String = "GET", headers: [String: String] = [:],
  body: String = ""
) async throws -> HTTPAnswer {
  try await withCheckedThrowingContinuation { continuation in
    // A thread of its own: the server under test may need all of the pool's.
    Thread.detachNewThread {
      continuation.resume(
        with: Result {
          try exchange(port: port, request(path, method: method, headers: headers, body: body))
        })
    }
  }
}

private func request(
  _ path: String, method: String, headers: [String: String], body: String
) -> String {
  var text = "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
  for (name, value) in headers { text += "\(name): \(value)\r\n" }
  return text + "Content-Length: \(body.utf8.count)\r\n\r\n" + body
}

private func exchange(port: Int, _ request: String) throws -> HTTPAnswer {
  let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  defer { close(descriptor) }
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = in_port_t(UInt16(truncatingIfNeeded: port).bigEndian)
  address.sin_addr.s_addr = in_addr_t(UInt32(0x7F00_0001).bigEndian)
  let status = withUnsafePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
    }
  }
  guard status == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
  let bytes = Array(request.utf8)
  var sent = 0
  while sent < bytes.count {
    let count = bytes[sent...].withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, 0) }
    guard count > 0 else { throw POSIXError(.EPIPE) }
    sent += count
  }
  var received: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 65_536)
  while true {
    let count = recv(descriptor, &buffer, buffer.count, 0)
    guard count > 0 else { break }
    received += buffer[..<count]
  }
  return try parse(received)
}

private func parse(_ bytes: [UInt8]) throws -> HTTPAnswer {
  guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { throw POSIXError(.EBADMSG) }
  let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
    .components(separatedBy: "\r\n")
  let body = Array(bytes[end.upperBound...])
  let words = (lines.first ?? "").split(separator: " ")
  guard words.count >= 2, let status = Int(words[1]) else { throw POSIXError(.EBADMSG) }
  var headers: [String: String] = [:]
  for line in lines.dropFirst() {
    let parts = line.split(separator: ":", maxSplits: 1)
    guard parts.count == 2 else { continue }
    headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
  }
  return HTTPAnswer(
    status: status, headers: headers, body: String(decoding: body, as: UTF8.self),
    bytes: body)
}

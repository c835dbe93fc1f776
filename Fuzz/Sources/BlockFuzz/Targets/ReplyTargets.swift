internal import NIOCore

@testable internal import RemoteCache

/// A byte that chooses what was asked for, one for the length of pieces, then what a memcached
/// server says.
func fuzzMemcached(_ input: [UInt8]) {
  guard input.count >= 2 else { return }
  let answer = Array(input.dropFirst(2))
  switch input[0] % 3 {
  case 0:
    let parser = MemcachedValues(valueLimit: 1000, totalLimit: 5000)
    guard let values = outcome(of: parser, answer, pieces: input[1]) else { return }
    require(values.values.allSatisfy { $0.count <= 1000 }, "values are not larger than allowed")
    require(values.values.reduce(0) { $0 + $1.count } <= 5000, "nor are all together")
  case 1:
    guard let stored = outcome(of: MemcachedStored(count: 3), answer, pieces: input[1]) else {
      return
    }
    require(stored.count == 3, "there is an answer to each")
  default:
    guard let cluster = outcome(of: ClusterDiscovery(), answer, pieces: input[1]) else { return }
    require(cluster.servers.count <= answer.count / 5, "servers are in proportion to the input")
    require(
      cluster.servers.allSatisfy { !$0.host.isEmpty && (1...65_535).contains($0.port) },
      "servers have names and ports")
  }
}

/// A byte for the number of commands, one for the length of pieces, then what a Redis server says.
func fuzzRedis(_ input: [UInt8]) {
  guard input.count >= 2 else { return }
  let count = 1 + Int(input[0] % 4)
  let parser = RedisReplies(count: count, valueLimit: 1000, totalLimit: 20_000)
  guard let replies = outcome(of: parser, Array(input.dropFirst(2)), pieces: input[1]) else {
    return
  }
  require(replies.count == count, "there is an answer to each")
  var memory = 0
  for reply in replies {
    memory += size(of: reply, depth: 0)
    let asked = ServerAddress(host: "asked", port: 1)
    guard let topology = RedisTopology.cluster(reply, from: asked) else { continue }
    for key in ["a", "b{c}d", "{}e", "f}{"] {
      if let server = topology.server(of: key) {
        require((1...65_535).contains(server.port), "servers have ports")
      }
    }
  }
  require(memory <= 20_000, "answers are not larger than allowed")
}

/// An answer of a name server.
func fuzzServiceRecords(_ input: [UInt8]) {
  guard let records = ServiceRecords.read(input) else { return }
  require(records.count <= input.count / 11, "records are in proportion to the input")
  for record in records {
    require((1...255).contains(record.target.utf8.count), "targets have names")
    require((1...65_535).contains(record.port), "targets have ports")
  }
}

// MARK: - Parts

private enum Outcome<Reply: Equatable>: Equatable {
  case complete(Reply)
  case incomplete
  case failed(WireFailure)
}

/// What a parser makes of an answer; how it comes must not make a difference.
private func outcome<Parser: ReplyParser>(
  of parser: Parser, _ answer: [UInt8], pieces choice: UInt8
) -> Parser.Reply? where Parser.Reply: Equatable {
  let whole = outcome(of: parser, answer, pieceByteCount: max(answer.count, 1))
  let length = max(1 + Int(choice), answer.count / 64)
  let inPieces = outcome(of: parser, answer, pieceByteCount: length)
  require(whole == inPieces, "an answer in pieces is the same answer")
  switch whole {
  case .complete(let reply): return reply
  case .incomplete: return nil
  case .failed(let failure):
    require(failure.text.utf8.allSatisfy { (0x20..<0x7F).contains($0) }, "a failure is one line")
    return nil
  }
}

private func outcome<Parser: ReplyParser>(
  of parser: Parser, _ answer: [UInt8], pieceByteCount: Int
) -> Outcome<Parser.Reply> {
  var parser = parser
  var buffer = ByteBuffer()
  for start in stride(from: 0, to: answer.count, by: pieceByteCount) {
    buffer.writeBytes(answer[start..<min(start + pieceByteCount, answer.count)])
    do throws(WireFailure) {
      if let reply = try parser.parse(&buffer) { return .complete(reply) }
    } catch {
      return .failed(error)
    }
    buffer.discardReadBytes()
  }
  return .incomplete
}

private func size(of value: RESPValue, depth: Int) -> Int {
  require(depth < 16, "arrays are not nested without end")
  switch value {
  case .array(let elements):
    return elements.reduce(0) { $0 + size(of: $1, depth: depth + 1) }
  case .text(let bytes), .error(let bytes), .bytes(let bytes): return 64 + bytes.count
  case .integer, .null: return 64
  }
}

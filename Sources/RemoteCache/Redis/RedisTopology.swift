internal import NIOCore

/// Which server has which key.
enum RedisTopology: Equatable, Sendable {
  case single(ServerAddress)
  /// The place in `servers` for each of the slots; -1 for slots that nobody has.
  case cluster(slots: [Int16], servers: [ServerAddress])

  static let slotCount = 16_384
  /// Places are kept in 16 bits.
  private static let serverLimit = 4096

  func server(of key: String) -> ServerAddress? {
    switch self {
    case .single(let address): return address
    case .cluster(let slots, let servers):
      let place = Int(slots[RedisSlot.of(key)])
      return place >= 0 ? servers[place] : nil
    }
  }

  /// Reads the answer to `CLUSTER SLOTS`: arrays of first slot, last slot, master, replicas; a
  /// server is an array of host, port and more.
  ///
  /// - Parameter asked: the server that answered, which may not know its own name.
  /// - Returns: nil when the answer is none.
  static func cluster(_ reply: RESPValue, from asked: ServerAddress) -> RedisTopology? {
    guard let ranges = reply.elements, !ranges.isEmpty else { return nil }
    var slots = [Int16](repeating: -1, count: slotCount)
    var servers: [ServerAddress] = []
    for range in ranges {
      guard let parts = range.elements, parts.count >= 3, case .integer(let first) = parts[0],
        case .integer(let last) = parts[1], 0 <= first, first <= last, last < slotCount,
        let master = parts[2].elements, master.count >= 2, case .integer(let port) = master[1],
        (1...65_535).contains(port)
      else { return nil }
      let host = master[0].string ?? ""
      let server = ServerAddress(host: host.isEmpty || host == "?" ? asked.host : host, port: port)
      let place = servers.firstIndex(of: server) ?? servers.count
      if place == servers.count { servers.append(server) }
      guard servers.count <= serverLimit else { return nil }
      for slot in first...last { slots[slot] = Int16(place) }
    }
    return .cluster(slots: slots, servers: servers)
  }
}

/// The slot of a key: CRC16 of the key, or of what stands between the first braces.
enum RedisSlot {
  static func of(_ key: String) -> Int {
    let bytes = Array(key.utf8)
    if let open = bytes.firstIndex(of: UInt8(ascii: "{")),
      let close = bytes[(open + 1)...].firstIndex(of: UInt8(ascii: "}")), close > open + 1
    {
      return Int(checksum(bytes[(open + 1)..<close])) & (RedisTopology.slotCount - 1)
    }
    return Int(checksum(bytes[...])) & (RedisTopology.slotCount - 1)
  }

  /// CRC16 as XMODEM has it.
  static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt16 {
    var checksum: UInt16 = 0
    for byte in bytes {
      checksum ^= UInt16(byte) << 8
      for _ in 0..<8 {
        checksum = checksum & 0x8000 != 0 ? checksum << 1 ^ 0x1021 : checksum << 1
      }
    }
    return checksum
  }
}

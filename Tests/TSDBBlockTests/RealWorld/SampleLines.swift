import TSDBBlock
import TestSupport

/// The lines `F 0 <t> <hex>` over which samples are hashed.
///
/// As `canonicalLine` writes them, without a string for each: there are two million of them.
struct SampleLines {
  private static let prime: UInt64 = 1_099_511_628_211
  private static let digits = Array("0123456789abcdef".utf8)

  /// FNV-1a over all lines so far.
  private(set) var hash = FNV64().value
  private var line: [UInt8] = []

  /// - Parameter prefix: stands before each line.
  mutating func add(_ samples: SampleColumns, prefix: String = "") {
    for index in 0..<samples.count {
      write(prefix, samples.timestamps[index], samples.values[index])
      var position = 0
      var hash = hash
      while position < line.count {
        hash = (hash ^ UInt64(line[position])) &* Self.prime
        position &+= 1
      }
      self.hash = hash
    }
  }

  /// The lines themselves.
  mutating func text(_ samples: SampleColumns) -> [UInt8] {
    var text: [UInt8] = []
    for index in 0..<samples.count {
      write("", samples.timestamps[index], samples.values[index])
      text += line
    }
    return text
  }

  private mutating func write(_ prefix: String, _ time: Int64, _ bits: UInt64) {
    line.removeAll(keepingCapacity: true)
    line += prefix.utf8
    line += "F 0 \(time) ".utf8
    var shift: UInt64 = 64
    while shift > 0 {
      shift &-= 4
      line.append(Self.digits[Int(truncatingIfNeeded: (bits &>> shift) & 0xF)])
    }
    line.append(UInt8(ascii: "\n"))
  }
}

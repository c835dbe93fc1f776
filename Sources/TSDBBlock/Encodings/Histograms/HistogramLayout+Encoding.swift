extension HistogramLayout {
  /// Writes the layout in the form shown at ``HistogramLayout``, as Prometheus does.
  func encode(to bits: inout BitWriter) {
    if let code = Self.thresholdCode(zeroThreshold) {
      bits.append(code, 8)
    } else {
      bits.append(255, 8)
      bits.append(zeroThreshold, 64)
    }
    bits.appendVariable(Int64(schema))
    Self.encode(positiveSpans, to: &bits)
    Self.encode(negativeSpans, to: &bits)
    guard schema == Self.customSchema else { return }
    bits.appendVariable(unsigned: UInt64(customBounds.count))
    for bound in customBounds {
      if let code = Self.boundCode(bound) {
        bits.appendVariable(unsigned: code)
      } else {
        bits.appendVariable(unsigned: 0)
        bits.append(bound, 64)
      }
    }
  }

  private static func encode(_ spans: [Span], to bits: inout BitWriter) {
    bits.appendVariable(unsigned: UInt64(spans.count))
    for span in spans {
      bits.appendVariable(unsigned: UInt64(span.length))
      bits.appendVariable(Int64(span.offset))
    }
  }

  /// The byte for zero and for powers of two from 2^−243 to 2^10; nil for all other thresholds.
  private static func thresholdCode(_ bits: UInt64) -> UInt64? {
    if bits == 0 { return 0 }
    // A normal, positive number without fraction is a power of two: 2^(exponent − 1023).
    let exponent = Int(bits >> 52)
    guard bits & 0xF_FFFF_FFFF_FFFF == 0, exponent > 0, exponent < 0x7FF else { return nil }
    let code = exponent - 1023 + 244
    return (1...254).contains(code) ? UInt64(code) : nil
  }

  /// One more than the thousandths of a bound that is a number of them; nil for all others.
  private static func boundCode(_ bits: UInt64) -> UInt64? {
    let bound = Double(bitPattern: bits)
    let thousandths = bound * 1000
    guard thousandths >= 0, thousandths <= 33_554_430 else { return nil }
    let rounded = thousandths.rounded()
    guard rounded / 1000 == bound else { return nil }
    return UInt64(rounded) + 1
  }
}

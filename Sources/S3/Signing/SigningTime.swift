/// A moment to the second, in the forms that S3 writes.
struct SigningTime: Equatable, Sendable, CustomStringConvertible {
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// Since 1970.
  let seconds: Int64
  /// Beyond the second.
  let milliseconds: Int64

  init(seconds: Int64, milliseconds: Int64 = 0) {
    self.seconds = seconds
    self.milliseconds = milliseconds
  }

  /// `20130524`.
  var day: String { String(stamp.prefix(8)) }

  /// `20130524T000000Z`.
  var stamp: String {
    let (year, month, day) = Self.date(ofDay: Self.floorDivide(seconds, 86_400))
    let second = seconds - Self.floorDivide(seconds, 86_400) * 86_400
    return Self.padded(year, 4) + Self.padded(month, 2) + Self.padded(day, 2) + "T"
      + Self.padded(second / 3600, 2) + Self.padded(second / 60 % 60, 2)
      + Self.padded(second % 60, 2) + "Z"
  }

  /// `2013-05-24T00:00:00Z`.
  var description: String {
    let stamp = Array(stamp)
    return
      "\(String(stamp[0..<4]))-\(String(stamp[4..<6]))-\(String(stamp[6..<11])):"
      + "\(String(stamp[11..<13])):\(String(stamp[13..<16]))"
  }

  /// Reads `2009-10-12T17:50:30.000Z`, also with an offset, and without separators.
  init?(iso8601 text: String) {
    var rest = Array(text.utf8)[...]
    guard let year = Self.number(4, &rest), Self.skip("-", &rest),
      let month = Self.number(2, &rest),
      Self.skip("-", &rest), let day = Self.number(2, &rest), rest.popFirst() == UInt8(ascii: "T"),
      let hour = Self.number(2, &rest), Self.skip(":", &rest), let minute = Self.number(2, &rest),
      Self.skip(":", &rest), let second = Self.number(2, &rest)
    else { return nil }
    var milliseconds: Int64 = 0
    if rest.first == UInt8(ascii: ".") {
      rest = rest.dropFirst()
      var scale: Int64 = 100
      while let digit = rest.first, digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") {
        milliseconds += Int64(digit - UInt8(ascii: "0")) * scale
        scale /= 10
        rest = rest.dropFirst()
      }
    }
    guard let offset = Self.offset(rest),
      let moment = Self.seconds(year, month, day, hour, minute, second)
    else { return nil }
    self.init(seconds: moment - offset, milliseconds: milliseconds)
  }

  /// Reads `Wed, 12 Oct 2009 17:50:00 GMT`.
  init?(httpDate text: String) {
    let words = text.split(separator: " ")
    guard words.count >= 5, let day = Int64(words[1]),
      let month = Self.months.firstIndex(of: String(words[2])), let year = Int64(words[3])
    else { return nil }
    let clock = words[4].split(separator: ":").compactMap { Int64($0) }
    guard clock.count == 3,
      let moment = Self.seconds(year, Int64(month + 1), day, clock[0], clock[1], clock[2])
    else { return nil }
    self.init(seconds: moment)
  }

  // MARK: Calendar

  private static func seconds(
    _ year: Int64, _ month: Int64, _ day: Int64, _ hour: Int64, _ minute: Int64, _ second: Int64
  ) -> Int64? {
    guard (1...9999).contains(year), (1...12).contains(month), (1...31).contains(day),
      (0...23).contains(hour), (0...59).contains(minute), (0...60).contains(second)
    else { return nil }
    return dayNumber(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second
  }

  /// Days since 1970 of a date; years begin in March, so that the leap day is their last.
  private static func dayNumber(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let year = month <= 2 ? year - 1 : year
    let era = floorDivide(year, 400)
    let yearOfEra = year - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  private static func date(ofDay number: Int64) -> (Int64, Int64, Int64) {
    let shifted = number + 719_468
    let era = floorDivide(shifted, 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (
      yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month,
      dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    )
  }

  private static func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
    value >= 0 ? value / divisor : -((divisor - 1 - value) / divisor)
  }

  private static func padded(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  private static func number(_ width: Int, _ rest: inout ArraySlice<UInt8>) -> Int64? {
    guard rest.count >= width else { return nil }
    var value: Int64 = 0
    for digit in rest.prefix(width) {
      guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
      value = value * 10 + Int64(digit - UInt8(ascii: "0"))
    }
    rest = rest.dropFirst(width)
    return value
  }

  /// A separator may be there.
  private static func skip(_ separator: Unicode.Scalar, _ rest: inout ArraySlice<UInt8>) -> Bool {
    if rest.first == UInt8(ascii: separator) { rest = rest.dropFirst() }
    return true
  }

  private static func offset(_ text: ArraySlice<UInt8>) -> Int64? {
    var rest = text
    switch rest.popFirst() {
    case nil, UInt8(ascii: "Z"), UInt8(ascii: "z"): return rest.isEmpty ? 0 : nil
    case UInt8(ascii: "+"): return hours(&rest)
    case UInt8(ascii: "-"): return hours(&rest).map { -$0 }
    default: return nil
    }
  }

  private static func hours(_ rest: inout ArraySlice<UInt8>) -> Int64? {
    guard let hours = number(2, &rest), skip(":", &rest), let minutes = number(2, &rest),
      rest.isEmpty
    else { return nil }
    return hours * 3600 + minutes * 60
  }
}

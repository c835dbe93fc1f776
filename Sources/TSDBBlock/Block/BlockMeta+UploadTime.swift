/// The moment a block was uploaded: RFC 3339, with nanoseconds and its own zone, as written.
public struct UploadTime: Equatable, Sendable, CustomStringConvertible {
  /// Seconds since 1970, UTC.
  public let seconds: Int64
  /// 0 to 999,999,999.
  public let nanoseconds: Int
  /// Minutes east of Greenwich in which the time is written.
  public let zoneMinutes: Int

  /// The first moment of year 1: how "never" is written.
  public static let zero = UploadTime(seconds: -62_135_596_800, nanoseconds: 0, zoneMinutes: 0)

  private init(seconds: Int64, nanoseconds: Int, zoneMinutes: Int) {
    self.seconds = seconds
    self.nanoseconds = nanoseconds
    self.zoneMinutes = zoneMinutes
  }

  /// A moment in UTC, Unix milliseconds.
  public init(milliseconds: Int64) {
    let (quotient, remainder) = milliseconds.quotientAndRemainder(dividingBy: 1000)
    let borrow: Int64 = remainder < 0 ? 1 : 0
    self.init(
      seconds: quotient - borrow, nanoseconds: Int(remainder + borrow * 1000) * 1_000_000,
      zoneMinutes: 0)
  }

  /// Milliseconds since 1970, UTC.
  public var milliseconds: Int64 { seconds * 1000 + Int64(nanoseconds / 1_000_000) }

  /// Reads `2024-02-29T12:00:00.12+01:00`; nil for anything that is not RFC 3339.
  public init?(_ text: String) {
    var cursor = Cursor(rest: text.utf8[...])
    guard let year = cursor.digits(4), cursor.skip("-"), let month = cursor.digits(2),
      cursor.skip("-"), let day = cursor.digits(2), cursor.skip("T"),
      let hour = cursor.digits(2), cursor.skip(":"), let minute = cursor.digits(2),
      cursor.skip(":"), let second = cursor.digits(2), let nanoseconds = cursor.fraction(),
      let zone = cursor.zone(), cursor.rest.isEmpty
    else { return nil }
    guard (1...12).contains(month), day >= 1, day <= CivilDate.days(in: month, of: year),
      hour < 24, minute < 60, second < 60
    else { return nil }
    let days = CivilDate(year: year, month: month, day: day).daysSince1970
    self.init(
      seconds: Int64(days * 86_400 + hour * 3_600 + (minute - zone) * 60 + second),
      nanoseconds: nanoseconds, zoneMinutes: zone)
  }

  /// RFC 3339, as it was written.
  public var description: String {
    let local = seconds + Int64(zoneMinutes * 60)
    let day = Int((Double(local) / 86_400).rounded(.down))
    let date = CivilDate(daysSince1970: day)
    let second = Int(local) - day * 86_400
    var text = "\(pad(date.year, 4))-\(pad(date.month))-\(pad(date.day))T"
    text += "\(pad(second / 3_600)):\(pad(second / 60 % 60)):\(pad(second % 60))"
    if nanoseconds > 0 {
      let digits = pad(nanoseconds, 9)
      text += "." + digits.dropLast(digits.reversed().prefix { $0 == "0" }.count)
    }
    guard zoneMinutes != 0 else { return text + "Z" }
    let zone = abs(zoneMinutes)
    return text + (zoneMinutes < 0 ? "-" : "+") + "\(pad(zone / 60)):\(pad(zone % 60))"
  }

  private func pad(_ value: Int, _ width: Int = 2) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(width - digits.count, 0)) + digits
  }

  private struct Cursor {
    var rest: Substring.UTF8View

    mutating func digits(_ count: Int) -> Int? {
      guard rest.count >= count else { return nil }
      var value = 0
      for byte in rest.prefix(count) {
        guard byte >= 48, byte <= 57 else { return nil }
        value = value * 10 + Int(byte - 48)
      }
      rest = rest.dropFirst(count)
      return value
    }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
      guard rest.first == UInt8(ascii: character) else { return false }
      rest = rest.dropFirst()
      return true
    }

    /// Nanoseconds of an optional `.digits`; digits behind the ninth are dropped.
    mutating func fraction() -> Int? {
      guard skip(".") else { return 0 }
      var value = 0
      var count = 0
      while let digit = digits(1) {
        if count < 9 { value = value * 10 + digit }
        count += 1
      }
      guard count > 0 else { return nil }
      for _ in min(count, 9)..<9 { value *= 10 }
      return value
    }

    /// Minutes of `Z` or `±hh:mm`.
    mutating func zone() -> Int? {
      if skip("Z") { return 0 }
      let isWest = rest.first == UInt8(ascii: "-")
      guard skip(isWest ? "-" : "+"), let hours = digits(2), skip(":"), let minutes = digits(2),
        hours < 24, minutes < 60
      else { return nil }
      return (hours * 60 + minutes) * (isWest ? -1 : 1)
    }
  }
}

/// A day of the Gregorian calendar, extended to all years.
private struct CivilDate {
  var year: Int
  var month: Int
  var day: Int

  static func days(in month: Int, of year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  init(year: Int, month: Int, day: Int) {
    self.year = year
    self.month = month
    self.day = day
  }

  // Years begin in March here, so that the leap day is the last of its year; an era has 400 years.
  private static let daysPerEra = 146_097
  private static let marchOfYear0 = 719_468

  var daysSince1970: Int {
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * Self.daysPerEra + dayOfEra - Self.marchOfYear0
  }

  init(daysSince1970 days: Int) {
    let shifted = days + Self.marchOfYear0
    let era = (shifted >= 0 ? shifted : shifted - Self.daysPerEra + 1) / Self.daysPerEra
    let dayOfEra = shifted - era * Self.daysPerEra
    let yearOfEra =
      (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }
}

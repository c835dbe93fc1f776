internal import TSDBBlock

/// Times as the reference prints them, in UTC.
enum GoTime {
  /// `2024-03-01T12:00:00Z`: whole seconds, rounded towards 1970.
  static func seconds(_ milliseconds: Int64) -> String {
    UploadTime(milliseconds: milliseconds / 1000 * 1000).description
  }
}

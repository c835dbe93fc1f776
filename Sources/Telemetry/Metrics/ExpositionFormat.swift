/// How metrics are written for a scraper.
public enum ExpositionFormat: Sendable {
  /// Prometheus text format 0.0.4.
  case text
  /// OpenMetrics 1.0.0.
  case openMetrics

  public var contentType: String {
    switch self {
    case .text: "text/plain; version=0.0.4; charset=utf-8"
    case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
    }
  }

  /// The format an `Accept` header prefers; the text format when it does not say.
  public static func preferred(byAccept header: String?) -> ExpositionFormat {
    var openMetrics = 0.0
    var text = 0.0
    for offer in (header ?? "").split(separator: ",") {
      let parts = offer.split(separator: ";").map { trimmed($0).lowercased() }
      guard let type = parts.first else { continue }
      let quality = parameter("q", of: parts).flatMap(Double.init) ?? 1
      switch type {
      case "application/openmetrics-text":
        let version = parameter("version", of: parts)
        guard version == nil || version == "1.0.0" || version == "0.0.1" else { continue }
        openMetrics = max(openMetrics, quality)
      case "text/plain", "text/*", "*/*":
        text = max(text, quality)
      default: continue
      }
    }
    return openMetrics > 0 && openMetrics >= text ? .openMetrics : .text
  }

  private static func parameter(_ name: String, of parts: [String]) -> String? {
    let prefix = name + "="
    return parts.dropFirst().first { $0.hasPrefix(prefix) }.map {
      String($0.dropFirst(prefix.count))
    }
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text
    while text.first == " " || text.first == "\t" { text.removeFirst() }
    while text.last == " " || text.last == "\t" { text.removeLast() }
    return text
  }
}

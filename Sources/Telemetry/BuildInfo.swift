/// What this build is.
public enum BuildInfo {
  /// Semantic version of the programs, as `--version` prints it.
  public static let version = "0.1.0"

  /// The processor architecture, spelled as dashboards of Go programs know it.
  static var architecture: String {
    #if arch(x86_64)
      "amd64"
    #elseif arch(arm64)
      "arm64"
    #else
      "unknown"
    #endif
  }

  /// Registers `thanos_build_info`, which dashboards join to show versions.
  public static func register(in registry: MetricRegistry) {
    registry.gauge(
      "thanos_build_info",
      help:
        "A metric with a constant '1' value labeled by the version this program was built from.",
      labels: ["version": version, "goos": "linux", "goarch": architecture]
    ).set(1)
  }
}

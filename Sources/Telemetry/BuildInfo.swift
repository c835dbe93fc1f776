/// What this build is.
public enum BuildInfo {
  /// Semantic version of the programs.
  public static let version = "0.1.0"

  /// Not known to a build from a source archive.
  public static let revision = "unknown"

  /// What dashboards know as the Go version.
  public static var runtimeVersion: String {
    #if compiler(>=6.4)
      "swift6.4"
    #else
      "swift6.3"
    #endif
  }

  /// `linux/amd64`, spelled as dashboards of Go programs know it.
  public static var platform: String { "linux/\(architecture)" }

  private static var architecture: String {
    #if arch(x86_64)
      "amd64"
    #elseif arch(arm64)
      "arm64"
    #else
      "unknown"
    #endif
  }

  /// What `--version` prints: the first line in the form of Thanos, which scripts take apart.
  public static func text(program: String) -> String {
    """
    \(program), version \(version) (branch: , revision: \(revision))
      runtime:          \(runtimeVersion)
      platform:         \(platform)
    """
  }

  /// Registers `thanos_build_info`, which dashboards join to show versions.
  public static func register(in registry: MetricRegistry) {
    registry.gauge(
      "thanos_build_info",
      help:
        "A metric with a constant '1' value labeled by the version this program was built from.",
      labels: [
        "version": version, "revision": revision, "branch": "", "tags": "",
        "goversion": runtimeVersion, "goos": "linux", "goarch": architecture,
      ]
    ).set(1)
  }
}

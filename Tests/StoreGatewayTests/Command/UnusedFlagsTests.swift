import Testing

@testable import StoreGatewayCommand

@Suite struct UnusedFlagsTests {
  @Test func `flags without effect are taken out with their values`() {
    let result = UnusedFlags.strip([
      "--data-dir=/d", "--index-cache-size", "1GB", "--chunk-pool-size=2GB", "--no-web.disable",
      "--web.disable-cors", "--grpc-address=:1", "--web.external-prefix=",
    ])
    #expect(result.arguments == ["--data-dir=/d", "--grpc-address=:1"])
    #expect(
      result.unused == [
        "index-cache-size", "chunk-pool-size", "no-web.disable", "web.disable-cors",
        "web.external-prefix",
      ])
  }

  @Test func `unknown flags and everything behind two dashes stay`() {
    let arguments = ["--nonsense", "-h", "--", "--web.disable"]
    #expect(UnusedFlags.strip(arguments) == .init(arguments: arguments, unused: []))
  }

  @Test func `a flag at the end that lacks its value is taken out without harm`() {
    #expect(UnusedFlags.strip(["--debug.name"]) == .init(arguments: [], unused: ["debug.name"]))
  }

  @Test func `flags that promise protection are never dropped silently`() {
    for flag in ["grpc-server-tls-cert", "grpc-server-tls-client-ca", "http.config"] {
      #expect(!UnusedFlags.withValue.contains(flag))
    }
  }
}

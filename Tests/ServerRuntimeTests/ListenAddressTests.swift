import ServerRuntime
import Testing

@Suite struct ListenAddressTests {
  @Test(arguments: [
    ("0.0.0.0:10902", "0.0.0.0", 10902, "0.0.0.0:10902"), (":80", "0.0.0.0", 80, "0.0.0.0:80"),
    ("localhost:0", "localhost", 0, "localhost:0"), ("[::1]:9090", "::1", 9090, "[::1]:9090"),
    ("[::]:65535", "::", 65535, "[::]:65535"),
  ])
  func `addresses are understood`(text: String, host: String, port: Int, printed: String) throws {
    let address = try ListenAddress(text)
    #expect(address == ListenAddress(host: host, port: port))
    #expect(address.description == printed)
  }

  @Test(arguments: [
    "", "10902", "host:", "host:65536", "::1:80", "[]:80", "[::1]", "a b:1", "h:-1",
  ])
  func `other texts are refused with the text in the message`(text: String) {
    let error = #expect(throws: ListenAddress.Invalid.self) { try ListenAddress(text) }
    #expect(error?.description.hasPrefix("\"\(text)\" is not an address to listen on") == true)
  }
}

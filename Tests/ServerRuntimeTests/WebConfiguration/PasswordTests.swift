import Testing

@testable import ServerRuntime

@Suite struct PasswordTests {
  /// From the tests of the library that made bcrypt known, crypt_blowfish.
  private static let known: [(hash: String, password: [UInt8])] = [
    ("$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", Array("U*U".utf8)),
    ("$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK", Array("U*U*".utf8)),
    ("$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a", Array("U*U*U".utf8)),
    ("$2y$05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e", [0xFF, 0xFF, 0xA3]),
  ]

  @Test func `passwords are compared as bcrypt says`() throws {
    for (hash, password) in Self.known {
      let made = try #require(PasswordHash(hash))
      #expect(made.matches(password), "\(hash)")
      #expect(!made.matches(password + [0x21]))
      #expect(!made.matches([]))
      #expect(!made.matches(password + [0]))
    }
    #expect(!PasswordHash.nobody.matches(Array("U*U".utf8)))
  }

  @Test(arguments: [
    "", "secret", "$1$abc$def", "$2x$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
    "$2a$32$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
    "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOe",
    "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyO!W",
  ])
  func `what is no hash is refused`(text: String) {
    #expect(PasswordHash(text) == nil)
  }

  @Test func `users are known by name, password and the hash of now`() async {
    let check = PasswordCheck()
    let users = ["a": Self.known[0].hash, "b": Self.known[1].hash]
    for _ in 0..<2 {
      #expect(
        await check.check(user: "a", password: Self.known[0].password, users: users) == .accepted)
      #expect(
        await check.check(user: "b", password: Self.known[0].password, users: users) == .refused)
      #expect(
        await check.check(user: "c", password: Self.known[0].password, users: users) == .refused)
      // Remembered, but not for a user whose password was changed.
      let changed = ["a": Self.known[1].hash]
      #expect(
        await check.check(user: "a", password: Self.known[0].password, users: changed) == .refused)
    }
  }

  @Test func `guessing does not fill the memory with those who wait`() async {
    let check = PasswordCheck()
    let verdicts = await withTaskGroup(of: PasswordCheck.Verdict.self) { group in
      for number in 0..<300 {
        group.addTask {
          await check.check(
            user: "a", password: Array("\(number)".utf8), users: ["a": Self.known[0].hash])
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(verdicts.allSatisfy { $0 != .accepted })
    #expect(verdicts.contains(.refused))
  }

  @Test(arguments: [
    ("Basic YWxpY2U6c2VjcmV0", "alice", "secret"), ("basic YTo=", "a", ""),
    ("BASIC Ojpi", "", ":b"), ("Basic YTpiYw==", "a", "bc"),
  ])
  func `the header holds user and password`(header: String, user: String, password: String) throws {
    let credentials = try #require(BasicCredentials(header: header))
    #expect(credentials.user == user)
    #expect(credentials.password == Array(password.utf8))
  }

  @Test(arguments: [
    nil, "", "Basic", "Basic ", "Bearer YWxpY2U6c2VjcmV0", "Basic YWxpY2U", "Basic YTpiY===",
    "Basic YTp=iYw=", "Basic YT*iYw==", "Basic YWxpY2U=",
  ])
  func `what is no such header is nobody's`(header: String?) {
    #expect(BasicCredentials(header: header) == nil)
  }
}

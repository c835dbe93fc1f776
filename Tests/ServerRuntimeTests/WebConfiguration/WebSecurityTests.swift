import Foundation
import ServerRuntime
import TestSupport
import Testing

/// The web configuration of a server while its file changes.
@Suite struct WebSecurityTests {
  private static let users = """
    basic_auth_users: {a: $2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW}
    """

  @Test func `where clients must be known, a file that forgets them is not taken`() async throws {
    try await withTemporaryDirectory { directory in
      let path = directory + "/web.yml"
      func write(_ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
      }
      let captured = CapturedLog()
      try write("{}")
      await #expect(throws: WebSecurity.Failure.self) {
        _ = try await WebSecurity(path: path, mustKnowClients: true, logger: captured.logger())
      }
      try write(Self.users)
      let security = try await WebSecurity(
        path: path, mustKnowClients: true, logger: captured.logger())
      #expect(security.knowsItsClients)
      try write("{}")
      await #expect(throws: WebSecurity.Failure.self) { try await security.reload() }
      #expect(security.knowsItsClients)
      #expect(captured.lines.contains { $0.contains("--enable-admin-operations needs") })

      try write(Self.users)
      let other = try await WebSecurity(path: path, logger: captured.logger())
      try write("{}")
      try await other.reload()
      #expect(!other.knowsItsClients)
    }
  }
}

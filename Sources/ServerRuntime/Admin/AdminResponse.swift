/// What an ``AdminServer`` answers.
public struct AdminResponse: Sendable {
  public var status: Int
  public var contentType: String
  public var body: [UInt8]

  public init(
    status: Int = 200, contentType: String = "text/plain; charset=utf-8", body: [UInt8]
  ) {
    self.status = status
    self.contentType = contentType
    self.body = body
  }

  public init(
    status: Int = 200, contentType: String = "text/plain; charset=utf-8", text: String
  ) {
    self.init(status: status, contentType: contentType, body: Array(text.utf8))
  }
}

/// What clients may do to connections of the gRPC server.
struct ConnectionLimits: Sendable {
  /// Connections at the same time.
  var connections = 1000
  /// For a handshake and the preface of HTTP/2.
  var handshake = Duration.seconds(30)
  /// For all of a request, from its head to its end.
  var request = Duration.seconds(60)
  /// For a part of an answer that the client does not take. Longer than queriers wait for an
  /// answer, two minutes, while they may be busy with that of another store.
  var stalledAnswer = Duration.seconds(300)
  /// Without any stream. Queriers ask every few seconds.
  var idle = Duration.seconds(900)
  /// After such a silence a client must show that it is there, within `pingAnswer`.
  var silence = Duration.seconds(120)
  var pingAnswer = Duration.seconds(60)
  /// Streams of a connection at the same time.
  var streams = 1000
  /// A request, compressed or not: a query with ten thousand replica labels still fits.
  var requestByteCount = 16 << 20
  /// Bytes a client may send ahead.
  var windowByteCount = 1 << 20
  var frameByteCount = 64 << 10
}

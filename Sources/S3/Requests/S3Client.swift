internal import AsyncHTTPClient
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import ObjectStore
internal import Synchronization

/// Signs requests for one bucket, sends them, and judges the answers.
///
///     sign ─► send ─┬─► success: the answer, its body still to come
///                   ├─► clock or region differ: corrected, once more at once
///                   ├─► may pass: after a pause, once more
///                   └─► will not pass: an error
final class S3Client: Sendable {
  /// What the store taught us.
  private struct State {
    var region: String
    /// Of the store's clock to ours, in milliseconds.
    var clockOffset: Int64 = 0
  }

  /// Slowest upload that still counts as one, for deadlines.
  private static let slowestBytesPerSecond = 128 << 10
  private static let errorLimit = 64 << 10

  let configuration: S3Configuration
  private let transport: any S3Transport
  private let credentials: CredentialChain
  private let hedging: Hedging
  let now: @Sendable () -> Int64
  private let sleep: @Sendable (Duration) async throws -> Void
  private let state: Mutex<State>
  private let logger = Logger(label: "s3")

  /// - Parameter now: milliseconds since 1970.
  init(
    configuration: S3Configuration, transport: any S3Transport, credentials: CredentialChain,
    now: @escaping @Sendable () -> Int64,
    sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
  ) {
    self.configuration = configuration
    self.transport = transport
    self.credentials = credentials
    self.now = now
    self.sleep = sleep
    hedging = Hedging(options: configuration.hedging)
    state = Mutex(State(region: Self.region(of: configuration)))
  }

  /// The region to begin with.
  static func region(of configuration: S3Configuration) -> String {
    if !configuration.region.isEmpty { return configuration.region }
    return S3Endpoint.region(ofHost: configuration.endpoint) ?? "us-east-1"
  }

  func schedule() -> RetrySchedule {
    RetrySchedule(attempts: configuration.attempts, sleep: sleep)
  }

  /// The answer to a request, read completely.
  ///
  /// - Parameters:
  ///   - limit: bytes that the answer may have.
  ///   - isComplete: tells from the body whether a success is one.
  func answer(
    to request: S3Request, limit: Int = 1 << 20,
    isComplete: @Sendable ([UInt8]) -> Bool = { _ in true }
  ) async throws(BucketError) -> S3Answer {
    var schedule = schedule()
    while true {
      let response = try await response(to: request, &schedule)
      do {
        let body = Array(try await response.body.collect(upTo: limit).readableBytesView)
        let status = Int(response.status.code)
        if status >= 300 || isComplete(body) {
          return S3Answer(
            status: status, headers: response.headers, body: body, failures: schedule.failures)
        }
        try await schedule.pause(
          after: S3Failure(
            status: 500, headers: response.headers, body: body, now: now()), of: request)
      } catch let error as BucketError {
        throw error
      } catch is NIOTooManyBytesError {
        throw request.error(.permanent, "the answer is longer than \(limit) bytes")
      } catch {
        try await schedule.pause(
          after: TransportErrors.failure(error, to: configuration.endpoint), of: request)
      }
    }
  }

  /// The beginning of the first answer that is a success.
  func response(
    to request: S3Request, _ schedule: inout RetrySchedule
  ) async throws(BucketError) -> HTTPClientResponse {
    var corrections = 0
    while true {
      let result =
        request.mayHedge
        ? await hedging.run { await self.attempt(request) } : await attempt(request)
      switch result {
      case .success(let response): return response
      case .failure(let failure):
        if corrections < 2, correct(failure) {
          corrections += 1
        } else {
          try await schedule.pause(after: failure, of: request)
        }
      }
    }
  }

  // MARK: One try

  private func attempt(_ request: S3Request) async -> Result<HTTPClientResponse, S3Failure> {
    let credentials: Credentials
    do {
      credentials = try await self.credentials.credentials()
    } catch {
      return .failure(
        S3Failure(error.isTransient ? .transient : .denied, error.description))
    }
    let start = ContinuousClock.now
    let (region, offset) = state.withLock { ($0.region, $0.clockOffset) }
    let endpoint = S3Endpoint(configuration, region: region)
    let signed = sign(request, credentials, endpoint, region: region, offset: offset)
    let seconds = request.body.byteCount / Self.slowestBytesPerSecond
    do {
      let response = try await transport.send(
        signed, timeout: configuration.http.answerTimeout + .seconds(seconds))
      let status = Int(response.status.code)
      trace(request, status, start)
      if (200..<300).contains(status) || request.accepted.contains(status) {
        return .success(response)
      }
      return .failure(await failure(response, status, credentials))
    } catch {
      trace(request, 0, start)
      return .failure(TransportErrors.failure(error, to: endpoint.authority))
    }
  }

  private func failure(
    _ response: HTTPClientResponse, _ status: Int, _ credentials: Credentials
  ) async -> S3Failure {
    let body = try? await response.body.collect(upTo: Self.errorLimit)
    var failure = S3Failure(
      status: status, headers: response.headers,
      body: body.map { Array($0.readableBytesView) } ?? [], now: now())
    switch failure.answer.code {
    case "RequestTimeTooSkewed":
      let ours = SigningTime(seconds: now() / 1000)
      let theirs =
        response.headers.first(name: "date").flatMap { SigningTime(httpDate: $0) }
        ?? SigningTime(iso8601: failure.answer.serverTime)
      failure.answer.serverTime = theirs.map(\.description) ?? ""
      failure.code = .permanent
      failure.detail =
        "the clock of this machine says \(ours), that of the store "
        + "\(theirs.map(\.description) ?? "something else"); set the clock of this machine"
    case "ExpiredToken", "InvalidToken", "TokenRefreshRequired":
      self.credentials.forget(credentials)
    default: break
    }
    return failure
  }

  /// Takes over what the store says about its clock or region; false when that is nothing new.
  private func correct(_ failure: S3Failure) -> Bool {
    if failure.answer.code == "RequestTimeTooSkewed" {
      guard let theirs = SigningTime(iso8601: failure.answer.serverTime) else { return false }
      let offset = theirs.seconds * 1000 - now()
      return state.withLock { state in
        guard abs(offset - state.clockOffset) > 60_000 else { return false }
        state.clockOffset = offset
        return true
      }
    }
    let region = failure.answer.region
    guard (300..<500).contains(failure.status), Self.isRegion(region) else { return false }
    return state.withLock { state in
      guard state.region != region else { return false }
      state.region = region
      return true
    }
  }

  /// A region becomes a part of a host: nothing else may be written into it.
  private static func isRegion(_ text: String) -> Bool {
    (2...32).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
          UInt8(ascii: "-"):
          true
        default: false
        }
      }
  }

  /// Method, name, status and time; headers hold secrets.
  private func trace(_ request: S3Request, _ status: Int, _ start: ContinuousClock.Instant) {
    guard configuration.isTraced else { return }
    logger.debug(
      "request",
      metadata: [
        "method": "\(request.method)", "object": "\(request.object)",
        "query": "\(request.query.map(\.name).joined(separator: ","))", "status": "\(status)",
        "duration": "\(start.duration(to: .now))",
      ])
  }
}

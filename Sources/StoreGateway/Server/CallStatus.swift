internal import GRPCCore

/// The outcome of a call as Go writes it, which is how dashboards know it; gRPC for Swift writes
/// the codes differently.
enum CallStatus {
  /// Every code there is, `OK` first.
  static let names: [String] = ["OK"] + goNames.values.sorted()

  static func name(_ error: (any Error)?) -> String {
    guard let error else { return "OK" }
    if error is CancellationError { return "Canceled" }
    guard let error = error as? RPCError else { return "Unknown" }
    return goNames[error.code] ?? "Unknown"
  }

  private static let goNames: [RPCError.Code: String] = [
    .cancelled: "Canceled", .unknown: "Unknown", .invalidArgument: "InvalidArgument",
    .deadlineExceeded: "DeadlineExceeded", .notFound: "NotFound",
    .alreadyExists: "AlreadyExists", .permissionDenied: "PermissionDenied",
    .resourceExhausted: "ResourceExhausted", .failedPrecondition: "FailedPrecondition",
    .aborted: "Aborted", .outOfRange: "OutOfRange", .unimplemented: "Unimplemented",
    .internalError: "Internal", .unavailable: "Unavailable", .dataLoss: "DataLoss",
    .unauthenticated: "Unauthenticated",
  ]
}

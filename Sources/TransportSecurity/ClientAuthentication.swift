/// Whether clients need a certificate, under the names of Go's `tls.ClientAuthType`.
public enum ClientAuthentication: String, CaseIterable, Sendable {
  /// Certificates are not asked for.
  case none = "NoClientCert"
  /// Asked for, and not looked at.
  case requested = "RequestClientCert"
  /// Any certificate will do, whoever signed it.
  case anyRequired = "RequireAnyClientCert"
  /// None will do; one that is given must be signed by the authority.
  case verifiedIfGiven = "VerifyClientCertIfGiven"
  /// One that the authority signed.
  case verified = "RequireAndVerifyClientCert"

  /// Whether a certificate is compared with the authority.
  public var verifies: Bool { self == .verified || self == .verifiedIfGiven }
}

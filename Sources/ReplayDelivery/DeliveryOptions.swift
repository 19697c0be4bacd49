/// How files are delivered.
public struct DeliveryOptions: Sendable {
  /// Where a store's keys are.
  public var credentials: StoreCredentials.Source
  /// Whether a stored object is read back and compared, and not only its size and checksum.
  public var readsBack: Bool
  /// How often and how long requests are tried.
  public var retry: RetryPolicy
  /// A file with the certificates of authorities to trust instead of the system's.
  public var authorities: String?
  /// Whether an upload in parts is recorded beside the file, so that another process can go on with it.
  public var keepsRecord = true

  /// Options.
  public init(
    credentials: StoreCredentials.Source = .environment,
    readsBack: Bool = false,
    retry: RetryPolicy = RetryPolicy(total: .seconds(600)),
    authorities: String? = nil
  ) {
    self.credentials = credentials
    self.readsBack = readsBack
    self.retry = retry
    self.authorities = authorities
  }
}

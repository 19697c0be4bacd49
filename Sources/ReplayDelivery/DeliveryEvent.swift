/// Something that happened while a volume was watched.
public enum DeliveryEvent: Sendable {
  /// A file arrived, or was there already. An abandoned one has no end and was left alone for long.
  case delivered(name: String, report: Delivery.Report, isAbandoned: Bool)
  /// A file did not arrive, and is tried again after a while.
  case failed(name: String, report: Delivery.Report, retryAfter: Duration)
  /// A file was removed after it was delivered.
  case removed(name: String)
  /// A file was delivered but could not be removed.
  case kept(name: String)
  /// Something in the folder is left alone, for this reason.
  case ignored(name: String, reason: String)
  /// The folder cannot be read, for this reason; it is looked for again.
  case unreadable(reason: String)
}

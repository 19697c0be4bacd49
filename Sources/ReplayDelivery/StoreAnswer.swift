internal import ArenaCore

/// A store's answer to a request.
struct StoreAnswer: Sendable {
  var status: Int
  /// Names in lower case.
  var headers: [String: String] = [:]
  var body: [UInt8] = []

  /// The longest wait that a store's Retry-After is believed.
  static let longestRetryAfter = Duration.seconds(300)

  /// Why the request did not succeed; nil where it did.
  var failure: UploadFailure? {
    let isSuccess = (200..<300).contains(status)
    // Some operations begin to answer before they know how they end: a 200 may hold an error.
    let mayHoldError = isSuccess && !body.isEmpty
    guard !isSuccess || mayHoldError else { return nil }
    let document = StoreDocument(body)
    if isSuccess, document.root != "Error" { return nil }
    let code = document.values["Code"] ?? ""
    let message = Self.harmless(document.values["Message"] ?? "")
    return failure(code: code, message: message, isSuccess: isSuccess)
  }

  private func failure(code: String, message: String, isSuccess: Bool) -> UploadFailure {
    let retryAfter = headers["retry-after"].flatMap { Int($0) }
      .map { min(.seconds(max(0, $0)), Self.longestRetryAfter) }
    let said = Self.said(code: Self.harmless(code), message: message, status: status)
    switch code {
    case "SlowDown", "Throttling", "ThrottlingException", "RequestLimitExceeded", "TooManyRequests":
      return UploadFailure(.slowDown, "the store asks for less: \(said)", retryAfter: retryAfter)
    case "BadDigest", "XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch", "IncompleteBody":
      return UploadFailure(.transient, "the store received other bytes than the file has: \(said)")
    case "RequestTimeout", "InternalError", "ServiceUnavailable", "OperationAborted", "ConditionalRequestConflict":
      return UploadFailure(.transient, "the store could not do it: \(said)", retryAfter: retryAfter)
    case "NoSuchUpload": return UploadFailure(.noSuchUpload, "the store has no such multi-part upload: \(said)")
    case "NoSuchBucket": return UploadFailure(.refused, "there is no such bucket: \(said)")
    case "InvalidAccessKeyId":
      return UploadFailure(.refused, "the store does not know the access key: \(said)")
    case "SignatureDoesNotMatch":
      return UploadFailure(
        .refused,
        "the store does not accept the signature; the secret key is wrong, or the ticket is not for this request: \(said)"
      )
    case "ExpiredToken", "TokenRefreshRequired":
      return UploadFailure(.refused, "the session token has expired: \(said)")
    case "RequestTimeTooSkewed":
      return UploadFailure(.refused, "this machine's clock and the store's are too far apart: \(said)")
    case "AccessDenied" where message.lowercased().contains("expired"):
      return UploadFailure(.refused, "the ticket or signature has expired: \(said)")
    default: break
    }
    switch status {
    case 429, 503:
      return UploadFailure(.slowDown, "the store asks for less: \(said)", retryAfter: retryAfter)
    case 501, 505: return UploadFailure(.refused, "the store cannot do this: \(said)")
    case 408, 425, 500...: return UploadFailure(.transient, "the store failed: \(said)", retryAfter: retryAfter)
    case 404: return UploadFailure(.notFound, "the store does not have it: \(said)")
    case 401, 403: return UploadFailure(.refused, "the store does not allow it: \(said)")
    case 300..<400:
      return UploadFailure(.refused, "the store sends elsewhere; region or endpoint is not the bucket's: \(said)")
    default:
      return isSuccess
        ? UploadFailure(.transient, "the store could not do it: \(said)")
        : UploadFailure(.refused, "the store refuses it: \(said)")
    }
  }

  private static func said(code: String, message: String, status: Int) -> String {
    var text = "status \(status)"
    if !code.isEmpty { text += ", \(code)" }
    return message.isEmpty ? text : text + " (\(message))"
  }

  /// A store's words on one line, not too long, and without anything that looks like a signed URL.
  static func harmless(_ text: String) -> String {
    let words = text.split { $0.isWhitespace || $0.isNewline }
      .map { word in
        let lower = word.lowercased()
        return lower.contains("x-amz-") || lower.contains("://") ? "…" : String(word)
      }
      .joined(separator: " ")
    var line = String(words.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F })
    while line.last == "." { line.removeLast() }
    return line.count <= 200 ? line : line.prefix(199) + "…"
  }
}

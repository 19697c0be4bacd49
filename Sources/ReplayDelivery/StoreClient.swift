internal import ArenaCore
internal import AsyncHTTPClient
internal import Crypto
internal import Glibc
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL

/// Sends requests to a store, and puts whatever goes wrong into words without secrets.
final class StoreClient: Sendable {
  /// What a request carries.
  enum Body: Sendable {
    case none
    case bytes([UInt8])
    /// A part of a file, with its Content-MD5.
    case file(DeliverableFile.Slice, contentMD5: String)
  }

  private let client: HTTPClient

  /// The largest answer that is not an object: a listing of 1000 parts takes about 300 KiB.
  private static let mostAnswerBytes = 4 << 20
  private static let connectTimeout = 10
  /// How long the other side may say or take nothing.
  private static let idleTimeout = 60
  /// The slowest that a file may be sent, in bytes per second, before the connection is given up as dead.
  private static let slowestRate = 64 << 10

  /// A client.
  ///
  /// - Parameter authorities: a file with the certificates to trust instead of the system's; nil for the system's.
  init(authorities: String? = nil) {
    var configuration = HTTPClient.Configuration()
    configuration.redirectConfiguration = .disallow
    configuration.httpVersion = .http1Only
    configuration.decompression = .disabled
    configuration.timeout = HTTPClient.Configuration.Timeout(
      connect: .seconds(Int64(Self.connectTimeout)),
      read: .seconds(Int64(Self.idleTimeout)),
      write: .seconds(Int64(Self.idleTimeout))
    )
    // Trying again is this library's own business.
    configuration.connectionPool.retryConnectionEstablishment = false
    if let authorities {
      var tls = TLSConfiguration.makeClientConfiguration()
      tls.trustRoots = .file(authorities)
      configuration.tlsConfiguration = tls
    }
    client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
  }

  /// Ends all connections. The client cannot be used any more.
  func close() async { try? await client.shutdown() }

  /// Sends a request and reads the answer.
  ///
  /// - Throws: `UploadFailure` if there is no answer, or it says that the request did not succeed.
  func send(_ request: AuthorizedRequest, body: Body = .none) async throws(UploadFailure) -> StoreAnswer {
    do {
      let response = try await start(request, body: body)
      var answer = Self.head(of: response)
      if request.method != "HEAD" {
        for try await buffer in response.body {
          guard answer.body.count + buffer.readableBytes <= Self.mostAnswerBytes else {
            throw UploadFailure(.refused, "the store's answer is longer than \(Self.mostAnswerBytes) bytes")
          }
          answer.body.append(contentsOf: buffer.readableBytesView)
        }
      }
      if let failure = answer.failure { throw failure }
      return answer
    } catch {
      throw Self.failure(error, at: request.url)
    }
  }

  /// Reads an object back.
  ///
  /// - Returns: its size in bytes and its SHA-256 as 64 hexadecimal digits.
  /// - Throws: `UploadFailure` if it cannot be read to its end.
  func readBack(_ request: AuthorizedRequest) async throws(UploadFailure) -> (size: Int, sha256: String) {
    do {
      let response = try await start(request, body: .none)
      guard response.status.code == 200 else {
        var answer = Self.head(of: response)
        answer.body = Array(buffer: try await response.body.collect(upTo: Self.mostAnswerBytes))
        throw answer.failure ?? UploadFailure(.refused, "the store answers with status \(answer.status)")
      }
      var hash = SHA256()
      var size = 0
      for try await buffer in response.body {
        buffer.withUnsafeReadableBytes { hash.update(bufferPointer: $0) }
        size += buffer.readableBytes
      }
      return (size, hash.finalize().hexadecimalDigits)
    } catch {
      throw Self.failure(error, at: request.url)
    }
  }

  private func start(_ request: AuthorizedRequest, body: Body) async throws -> HTTPClientResponse {
    var message = HTTPClientRequest(url: request.url.secretText)
    message.method = HTTPMethod(rawValue: request.method)
    for (name, value) in request.headers { message.headers.add(name: name, value: value) }
    var bytes = 0
    switch body {
    case .none: break
    case .bytes(let content):
      bytes = content.count
      message.body = .bytes(ByteBuffer(bytes: content))
    case .file(let slice, let contentMD5):
      bytes = slice.range.count
      message.headers.add(name: "content-md5", value: contentMD5)
      message.body = bytes == 0 ? .bytes(ByteBuffer()) : .stream(slice, length: .known(Int64(bytes)))
    }
    // An object that is read back may be of any size; silence ends that, too.
    let limit = request.method == "GET" ? 3600 : 2 * Self.idleTimeout + bytes / Self.slowestRate
    return try await client.execute(message, deadline: .now() + .seconds(Int64(limit)))
  }

  private static func head(of response: HTTPClientResponse) -> StoreAnswer {
    var answer = StoreAnswer(status: Int(response.status.code))
    for (name, value) in response.headers { answer.headers[name.lowercased()] = value }
    return answer
  }

  // MARK: - Failures

  /// Whatever went wrong with a request to `url`, as a failure that can be shown.
  static func failure(_ error: any Error, at url: PresignedURL) -> UploadFailure {
    let place = url.origin ?? "the store"
    return switch error {
    case let failure as UploadFailure: failure
    case let error as DeliveryError: UploadFailure(.refused, error.description)
    case let error as IOError:
      UploadFailure(.transient, "the connection to \(place) failed: \(reason(error.errnoCode))")
    case let error as NIOConnectionError: UploadFailure(.transient, "no connection to \(place): \(reason(error))")
    case let error as HTTPClientError: failure(error, place)
    case is CancellationError: UploadFailure(.transient, "it was interrupted")
    default:
      UploadFailure(.transient, "the connection to \(place) failed: \(StoreAnswer.harmless("\(error)"))")
    }
  }

  private static func failure(_ error: HTTPClientError, _ place: String) -> UploadFailure {
    switch error {
    case .connectTimeout: UploadFailure(.transient, "no connection to \(place) within \(connectTimeout) seconds")
    case .readTimeout, .writeTimeout: UploadFailure(.transient, "\(place) was silent for \(idleTimeout) seconds")
    case .deadlineExceeded: UploadFailure(.transient, "\(place) is too slow")
    case .remoteConnectionClosed, .uncleanShutdown, .requestStreamCancelled:
      UploadFailure(.transient, "\(place) closed the connection")
    case .cancelled: UploadFailure(.transient, "it was interrupted")
    case .invalidURL, .emptyHost, .emptyScheme: UploadFailure(.refused, "the store's address cannot be used")
    default: UploadFailure(.transient, "the connection to \(place) failed: \(error.shortDescription)")
    }
  }

  private static func reason(_ error: NIOConnectionError) -> String {
    if let failure = error.connectionErrors.last {
      return (failure.error as? IOError).map { reason($0.errnoCode) } ?? StoreAnswer.harmless("\(failure.error)")
    }
    let isUnknown = error.dnsAError != nil || error.dnsAAAAError != nil
    return isUnknown ? "the name cannot be resolved" : "it is not known why"
  }

  private static func reason(_ code: CInt) -> String { String(cString: strerror(code)) }
}

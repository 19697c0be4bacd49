import ArenaCore
public import ArgumentParser
import Foundation
public import ReplayDelivery

extension ObjectStore.Addressing: EnumerableFlag {
  /// `--path-style` and `--virtual-host`.
  public static func name(for value: Self) -> NameSpecification {
    switch value {
    case .path: .customLong("path-style")
    case .virtualHost: .customLong("virtual-host")
    }
  }

  /// What each means.
  public static func help(for value: Self) -> ArgumentHelp? {
    switch value {
    case .path: "Name the bucket in the path. (default, but for Amazon's own)"
    case .virtualHost: "Name the bucket in the host."
    }
  }
}

/// How far it is checked that a replay has arrived.
enum DeliveryCheckArgument: String, ExpressibleByArgument, CaseIterable {
  case size
  case full
}

/// The options that say which S3-compatible store is meant, and how to get there.
struct StoreArguments: ParsableArguments {
  @Option(help: "The store's address, such as http://127.0.0.1:8333. (default: AWS_ENDPOINT_URL, else Amazon's own)")
  var endpoint: String?

  @Option(help: "The bucket's region. (default: AWS_REGION, else us-east-1)")
  var region: String?

  @Flag(exclusivity: .exclusive)
  var addressing: ObjectStore.Addressing?

  @Option(
    help: ArgumentHelp(
      "A folder with the files AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and perhaps AWS_SESSION_TOKEN, such as a mounted Secret. (default: the variables of these names)",
      valueName: "folder"
    ),
    completion: .directory
  )
  var credentials: String?

  @Option(
    help: ArgumentHelp(
      "Certificates to trust instead of the system's, as PEM. (default: AWS_CA_BUNDLE)",
      valueName: "file"
    ),
    completion: .file()
  )
  var caFile: String?

  /// The target that `text` means.
  ///
  /// - Throws: `FieldError` about the option `option` or one of these.
  func target(_ text: String, option: String) throws(FieldError) -> DeliveryTarget {
    do throws(FieldError) {
      return try DeliveryTarget(
        text,
        endpoint: endpoint ?? Self.variable("AWS_ENDPOINT_URL_S3") ?? Self.variable("AWS_ENDPOINT_URL"),
        region: region ?? Self.variable("AWS_REGION") ?? Self.variable("AWS_DEFAULT_REGION"),
        addressing: addressing
      )
    } catch {
      let field =
        switch error.field {
        case "url": option
        case "endpoint" where endpoint == nil: "AWS_ENDPOINT_URL"
        case "region" where region == nil: "AWS_REGION"
        default: "--\(error.field)"
        }
      throw FieldError(field: field, given: error.given, allowed: error.allowed)
    }
  }

  /// Where the keys are.
  var source: StoreCredentials.Source { credentials.map { .folder($0) } ?? .environment }

  /// The certificates to trust; nil for the system's.
  var authorities: String? { caFile ?? Self.variable("AWS_CA_BUNDLE") }

  /// How to deliver, trying for no longer than `total`.
  func options(check: DeliveryCheckArgument, total: Duration) -> DeliveryOptions {
    DeliveryOptions(
      credentials: source,
      readsBack: check == .full,
      retry: RetryPolicy(total: total),
      authorities: authorities
    )
  }

  private static func variable(_ name: String) -> String? {
    ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
  }
}

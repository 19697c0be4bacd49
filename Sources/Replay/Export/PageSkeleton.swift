internal import Crypto

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// What stands around a replay in its page: the markup of `Page/page.html` with style, program and the texts of one match.
enum PageSkeleton {
  /// Everything before the replay.
  static func beginning(_ headline: ReplayHeadline, environment: String) -> String {
    let values = [
      "style": PageAssets.style, "style-hash": hash(of: PageAssets.style),
      "program": PageAssets.program, "program-hash": hash(of: PageAssets.program),
      "title": HTMLText.escaped(headline.title), "environment": HTMLText.escaped(environment),
      "sentence": HTMLText.escaped(headline.sentence),
    ]
    // What was put in is not searched again: an agent may be called "{{program}}".
    var page = ""
    for (number, part) in PageAssets.markup.split(separator: "{{", omittingEmptySubsequences: false).enumerated() {
      guard number > 0, let end = part.firstRange(of: "}}") else {
        page += part
        continue
      }
      page += values[String(part[..<end.lowerBound])] ?? ""
      page += part[end.upperBound...]
    }
    return page
  }

  /// Everything behind it.
  static let end = "</body>\n</html>\n"

  /// The only script and the only style that the page's Content-Security-Policy allows.
  private static func hash(of text: String) -> String {
    "sha256-" + Data(SHA256.hash(data: Data(text.utf8))).base64EncodedString()
  }
}

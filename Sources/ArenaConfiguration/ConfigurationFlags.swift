/// What the command line says about the configuration; nil where it says nothing.
public struct ConfigurationFlags: Sendable, Equatable {
  /// `--config`: the configuration file.
  public var config: String?
  /// `--host`: the address to listen on.
  public var host: String?
  /// `--port`: the port to listen on.
  public var port: Int?

  /// The flags as they were given.
  public init(config: String? = nil, host: String? = nil, port: Int? = nil) {
    self.config = config
    self.host = host
    self.port = port
  }
}

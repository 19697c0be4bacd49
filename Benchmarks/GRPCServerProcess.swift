internal import Glibc

/// A server of the benchmark, from outside.
final class GRPCServerProcess {
  /// The transports that are compared. Each server is a program of its own, so that its memory is that of its transport alone.
  enum Kind: String, CaseIterable {
    /// This project's.
    case nghttp2 = "grpc-echo-nghttp2"
    /// grpc-swift-nio-transport's.
    case nio = "grpc-echo-nio"
  }

  let kind: Kind
  private(set) var port = 0
  private let process: pid_t
  /// The server ends when this is closed.
  private let lifeline: Int32

  /// Starts it and waits until it listens.
  init(_ kind: Kind) throws(BenchmarkError) {
    self.kind = kind
    var output: [Int32] = [-1, -1]
    var life: [Int32] = [-1, -1]
    guard pipe(&output) == 0, pipe(&life) == 0 else { throw BenchmarkError("no pipe: errno \(errno)") }
    for end in output + life { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    defer { close(output[0]) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, life[0], 0)
    posix_spawn_file_actions_adddup2(&actions, output[1], 1)
    let program = try Self.folder() + kind.rawValue
    let words: [String] = [program]
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    var process: pid_t = 0
    let status = posix_spawn(&process, program, &actions, nil, &arguments, environ)
    close(output[1])
    close(life[0])
    guard status == 0 else {
      close(life[1])
      throw BenchmarkError("\(program) cannot be started: errno \(status)")
    }
    self.process = process
    lifeline = life[1]
    var text: [UInt8] = []
    var byte: UInt8 = 0
    while read(output[0], &byte, 1) == 1, byte != UInt8(ascii: "\n") { text.append(byte) }
    guard let port = Int(String(decoding: text, as: UTF8.self)) else {
      throw BenchmarkError("the \(kind) server did not say its port")
    }
    self.port = port
  }

  deinit {
    close(lifeline)
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
  }

  /// Processor time of all its threads so far, in seconds.
  var processorTime: Double {
    // After the name, which ends with the last parenthesis: the 14th and 15th fields of the line are user and system time.
    let fields = text("stat").split(separator: ")").last?.split(separator: " ") ?? []
    guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return .nan }
    return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
  }

  /// Memory that it has in use, in MiB.
  var residentMemory: Double {
    for line in text("status").split(separator: "\n") where line.hasPrefix("VmRSS:") {
      return line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Double($0) }
        .map { $0 / 1024 } ?? .nan
    }
    return .nan
  }

  /// The folder of this program, with a slash at the end.
  private static func folder() throws(BenchmarkError) -> String {
    var path = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &path, path.count)
    guard count > 0, let slash = path[..<count].lastIndex(of: CChar(UInt8(ascii: "/"))) else {
      throw BenchmarkError("/proc/self/exe cannot be read: errno \(errno)")
    }
    return String(decoding: path[...slash].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private func text(_ name: String) -> String {
    guard let file = fopen("/proc/\(process)/\(name)", "r") else { return "" }
    defer { fclose(file) }
    var buffer = [UInt8](repeating: 0, count: 8192)
    let count = fread(&buffer, 1, buffer.count, file)
    return String(decoding: buffer[..<count], as: UTF8.self)
  }
}

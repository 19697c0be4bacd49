internal import ArenaSystem
internal import Glibc
internal import Synchronization

/// Reads files while they are written, until those who write them are through.
final class FollowedFiles: Sendable {
  private struct File {
    let path: String
    var descriptor: Int32 = -1
    var identity: (dev_t, ino_t)?

    mutating func open() {
      guard descriptor < 0 else { return }
      descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
      var status = stat()
      if descriptor >= 0, fstat(descriptor, &status) == 0 { identity = (status.st_dev, status.st_ino) }
    }

    func read() -> [UInt8]? {
      guard descriptor >= 0 else { return nil }
      let piece = [UInt8](unsafeUninitializedCapacity: FollowedFiles.pieceSize) { buffer, count in
        var got = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
        while got < 0, errno == EINTR { got = Glibc.read(descriptor, buffer.baseAddress, buffer.count) }
        count = max(0, got)
      }
      return piece.isEmpty ? nil : piece
    }
  }

  private struct State {
    var files: [File]
  }

  private let state: Mutex<State>
  private static let pieceSize = 64 << 10

  /// A reader of the files at `paths`. One that is not there yet is opened once it is.
  init(paths: [String]) {
    state = Mutex(State(files: paths.map { File(path: $0) }))
  }

  deinit {
    state.withLock { state in
      for file in state.files where file.descriptor >= 0 { close(file.descriptor) }
    }
  }

  /// Whether any of the files is there.
  func isThere() async -> Bool {
    await read { state in
      for index in state.files.indices { state.files[index].open() }
      return state.files.contains { $0.descriptor >= 0 }
    }
  }

  /// What comes next in one of the files; nil where there is nothing at present.
  func next() async -> [UInt8]? {
    await read { state in
      for index in state.files.indices {
        state.files[index].open()
        if let piece = state.files[index].read() { return piece }
      }
      return nil
    }
  }

  /// Whether another file has taken the place of one that was read.
  func wasReplaced() async -> Bool {
    await read { state in
      state.files.contains { file in
        var status = stat()
        guard let identity = file.identity, stat(file.path, &status) == 0 else { return false }
        return identity != (status.st_dev, status.st_ino)
      }
    }
  }

  private func read<Value: Sendable>(_ body: @escaping @Sendable (inout State) -> Value) async -> Value {
    await BlockingWork.value { [self] in state.withLock { body(&$0) } }
  }
}

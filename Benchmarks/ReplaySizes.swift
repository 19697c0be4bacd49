internal import ArenaCore
internal import CZlib
internal import CZstd
internal import Glibc
internal import Replay

/// Bytes per frame of one replay, and of what it holds as JSON in the layout that the published backend reads.
struct ReplaySizes {
  /// The replay itself, the whole file.
  let replay: Double
  /// The JSON document.
  let json: Double
  /// The document through zstd, in chunks of a replay's size at a replay's level.
  let jsonZstd: Double
  /// The document through gzip, as `gzip` does it.
  let jsonGzip: Double
  /// Frames per chunk. A match that is slow closes its chunks after their time and not at their size.
  let framesPerChunk: Double

  /// Measures the replay at `path`.
  init(of path: String, in folder: ScratchFolder) throws {
    let reader = try ReplayReader(path: path)
    let frames = Double(reader.frameCount)
    let document = try Self.document(reader, folder.file("benchmark.json"))
    replay = Double(reader.size) / frames
    framesPerChunk = frames / Double(max(1, reader.chunkCount))
    json = Double(document.count) / frames
    jsonZstd = Double(try Self.zstd(document)) / frames
    jsonGzip = Double(try Self.gzip(document)) / frames
  }

  private static func document(_ reader: ReplayReader, _ path: String) throws -> [UInt8] {
    let descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw BenchmarkError("\(path) cannot be written: errno \(errno)") }
    defer { close(descriptor) }
    try ReplayExport.write(reader, as: .json, to: descriptor)
    let size = Int(lseek(descriptor, 0, SEEK_END))
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      count = max(0, pread(descriptor, buffer.baseAddress, size, 0))
    }
    guard bytes.count == size else { throw BenchmarkError("\(path) cannot be read: errno \(errno)") }
    return bytes
  }

  /// Bytes of `document` through zstd.
  private static func zstd(_ document: [UInt8]) throws -> Int {
    let options = ReplayOptions.standard
    var output = [UInt8](repeating: 0, count: ZSTD_compressBound(options.chunkBytes))
    var size = 0
    for start in stride(from: 0, to: document.count, by: options.chunkBytes) {
      let chunk = document[start..<min(start + options.chunkBytes, document.count)]
      let compressed = chunk.withUnsafeBytes {
        ZSTD_compress(&output, output.count, $0.baseAddress, $0.count, CInt(options.level))
      }
      guard ZSTD_isError(compressed) == 0 else { throw BenchmarkError("zstd failed with code \(compressed)") }
      size += compressed
    }
    return size
  }

  /// Bytes of `document` through zlib as `gzip` uses it: level 6, in one stream.
  private static func gzip(_ document: [UInt8]) throws -> Int {
    var stream = z_stream()
    // 15 bits of window, and 16 for gzip's header and trailer.
    let status = deflateInit2_(
      &stream,
      6,
      Z_DEFLATED,
      15 + 16,
      8,
      Z_DEFAULT_STRATEGY,
      ZLIB_VERSION,
      CInt(MemoryLayout<z_stream>.size)
    )
    guard status == Z_OK else { throw BenchmarkError("zlib failed with code \(status)") }
    defer { deflateEnd(&stream) }
    var input = document
    var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(document.count))))
    let result = input.withUnsafeMutableBufferPointer { input in
      output.withUnsafeMutableBufferPointer { output in
        stream.next_in = input.baseAddress
        stream.avail_in = UInt32(input.count)
        stream.next_out = output.baseAddress
        stream.avail_out = UInt32(output.count)
        return deflate(&stream, Z_FINISH)
      }
    }
    guard result == Z_STREAM_END else { throw BenchmarkError("zlib failed with code \(result)") }
    return Int(stream.total_out)
  }
}

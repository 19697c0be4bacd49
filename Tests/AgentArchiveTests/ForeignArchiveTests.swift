import AgentArchive
import Foundation
import TestSupport
import Testing

/// Archives as the programs write them that people have.
@Suite(.serialized) struct ForeignArchiveTests {
  static let samples: [String: String] = [
    "agent.py": "import helper\n", "pkg/__init__.py": "", "pkg/deep/er/model.json": "{}", "naïve – 模型.txt": "ü\n",
    "big.txt": String(repeating: "the same line again and again\n", count: 20_000),
  ]

  /// Python's `zipfile`, by a script that gets the names and contents as JSON and writes the archive to its output.
  static let pythonWriters: [String: String] = [
    "stored": "z = zipfile.ZipFile(out, 'w')\nfor n, t in files: z.writestr(n, t)\nz.close()",
    "deflated": "z = zipfile.ZipFile(out, 'w', 8)\nfor n, t in files: z.writestr(n, t)\nz.close()",
    "with folders":
      "z = zipfile.ZipFile(out, 'w', 8)\nz.mkdir('pkg')\nz.mkdir('pkg/deep')\nfor n, t in files: z.writestr(n, t)\nz.close()",
    "with a comment":
      "z = zipfile.ZipFile(out, 'w')\nfor n, t in files: z.writestr(n, t)\nz.comment = b'PK' * 99\nz.close()",
    "64-bit sizes": """
    z = zipfile.ZipFile(out, 'w', 8)
    for n, t in files:
        with z.open(n, 'w', force_zip64=True) as f: f.write(t.encode())
    z.close()
    """,
    "to a pipe, with descriptors": """
    class Pipe(io.RawIOBase):
        def writable(self): return True
        def write(self, b): out.write(b); return len(b)
        def seekable(self): return False
        def tell(self): raise OSError
    z = zipfile.ZipFile(Pipe(), 'w', 8)
    for n, t in files: z.writestr(n, t)
    z.close()
    """,
    "to a pipe, with descriptors of 64 bits": """
    class Pipe(io.RawIOBase):
        def writable(self): return True
        def write(self, b): out.write(b); return len(b)
        def seekable(self): return False
        def tell(self): raise OSError
    z = zipfile.ZipFile(Pipe(), 'w', 8)
    for n, t in files:
        with z.open(n, 'w', force_zip64=True) as f: f.write(t.encode())
    z.close()
    """,
    "behind a program, as self-extracting ones are": """
    out.write(b'#!/bin/sh\\nexit\\n')
    z = zipfile.ZipFile(out, 'a', 8)
    for n, t in files: z.writestr(n, t)
    z.close()
    """,
  ]

  @Test(arguments: pythonWriters.keys.sorted())
  func `what Python's zipfile writes comes out as it went in`(writer: String) async throws {
    let script = """
      import io, json, sys, zipfile
      files = sorted(json.load(sys.stdin).items())
      out = io.BytesIO()
      \(try #require(Self.pythonWriters[writer]))
      sys.stdout.buffer.write(out.getvalue())
      """
    let input = try JSONEncoder().encode(Self.samples)
    let archive = try await AgentArchive([UInt8](try TestPython.run(script, input: input)))
    #expect(archive.rootFolder == nil)
    #expect(archive.files.map(\.path).sorted() == Self.samples.keys.sorted())
    for file in archive.files {
      #expect(try archive.contents(of: file) == Array(try #require(Self.samples[file.path]).utf8))
    }
    let folder = try ArchiveFolder()
    let unpacked = try folder.unpack(archive)
    #expect(unpacked.filter { $0.value == nil }.keys.sorted() == ["pkg", "pkg/deep", "pkg/deep/er"])
    for (path, text) in Self.samples { #expect(unpacked[path] == Array(text.utf8)) }
  }

  /// Folders to zip, and what `arguments` of each program make of them.
  struct Tool: Sendable, CustomTestStringConvertible {
    var program: String
    var arguments: [String]
    var root: String?
    var testDescription: String { ([program] + arguments).joined(separator: " ") }
  }

  static let tools: [Tool] = [
    Tool(program: "/usr/bin/zip", arguments: ["-r", "../x.zip", "."]),
    Tool(program: "/usr/bin/zip", arguments: ["-r", "-0", "../x.zip", "."]),
    Tool(program: "/usr/bin/zip", arguments: ["-r", "-D", "-X", "../x.zip", "."]),
    Tool(program: "/usr/bin/zip", arguments: ["-r", "-fd", "../x.zip", "."]),
    Tool(program: "/usr/bin/zip", arguments: ["-r", "-fz", "../x.zip", "."]),
    Tool(program: "/usr/bin/zip", arguments: ["-r", "-UN=UTF8", "../x.zip", "."]),
    Tool(program: "/usr/bin/zip", arguments: ["-r", "x.zip", "my agent"], root: "my agent"),
    Tool(program: "/usr/bin/7z", arguments: ["a", "../x.zip", "."]),
    Tool(program: "/usr/bin/7z", arguments: ["a", "-mx=9", "-tzip", "../x.zip", "./*"]),
    Tool(program: "/usr/bin/7z", arguments: ["a", "-mcu=on", "x.zip", "my agent"], root: "my agent"),
    Tool(program: "/usr/bin/zip", arguments: ["-r", "-q", "../x.zip", ".", "-x", "nothing"]),
  ]

  @Test(arguments: tools)
  func `what zip and 7z write comes out as it went in`(tool: Tool) throws {
    let folder = try ArchiveFolder()
    for (path, text) in Self.samples {
      let file = folder.url.appending(path: "my agent/\(path)")
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
    try folder.run(
      "/usr/bin/env",
      ["-C", tool.root == nil ? "my agent" : ".", "LC_ALL=C.UTF-8", tool.program] + tool.arguments
    )
    let archive = try AgentArchive(contentsOf: folder.path("x.zip"))
    #expect(archive.rootFolder == tool.root)
    let unpacked = try folder.unpack(archive)
    #expect(unpacked.count == Self.samples.count + 3)
    for (path, text) in Self.samples { #expect(unpacked[path] == Array(text.utf8), "\(path)") }
  }

  @Test func `an encrypted archive of 7z is refused by name`() throws {
    let folder = try ArchiveFolder()
    try Data("x".utf8).write(to: folder.url.appending(path: "agent.py"))
    try folder.run("/usr/bin/7z", ["a", "-pgeheim", "x.zip", "agent.py"])
    #expect(throws: ArchiveError.self) { try AgentArchive(contentsOf: folder.path("x.zip")) }
  }

  @Test(arguments: [("LZMA", "-mm=LZMA"), ("bzip2", "-mm=BZip2"), ("deflate64", "-mm=Deflate64")])
  func `a compression that is not read is named`(name: String, option: String) throws {
    let folder = try ArchiveFolder()
    try Data(String(repeating: "x = 1\n", count: 999).utf8).write(to: folder.url.appending(path: "agent.py"))
    try folder.run("/usr/bin/7z", ["a", option, "x.zip", "agent.py"])
    let error = #expect(throws: ArchiveError.self) { try AgentArchive(contentsOf: folder.path("x.zip")) }
    #expect(error?.description.contains("(\(name)); only deflate (8) and none (0) are read") == true)
  }
}

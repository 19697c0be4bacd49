internal import Replay

/// Repairs a replay. What comes of it must be whole, and repairing it again must change nothing.
enum RepairFuzz {
  static func run(_ bytes: UnsafeRawBufferPointer) {
    let files = FuzzFiles(bytes)
    defer { files.remove() }
    let report: ReplayRepairReport
    do throws(ReplayError) {
      report = try ReplayRepair.repair(files.input, to: files.output)
    } catch {
      return
    }
    do throws(ReplayError) {
      let reader = try ReplayReader(path: files.output)
      precondition(reader.isComplete, "a repaired file has its end")
      precondition(reader.damage == nil, "a repaired file is whole")
      precondition(reader.size == report.bytes && reader.frameCount == report.frames)
      precondition(reader.chunkCount == report.chunks && reader.gameEventCount == report.gameEvents)
    } catch {
      preconditionFailure("a repaired file cannot be opened: \(error)")
    }
    // The input has been read, and makes room for the second result.
    do throws(ReplayError) {
      let again = try ReplayRepair.repair(files.output, to: files.input)
      precondition(again.wasComplete && again.losses.isEmpty, "a repaired file needs no repair")
      precondition(again.sha256 == report.sha256, "a repaired file stays as it is")
    } catch {
      preconditionFailure("a repaired file cannot be repaired: \(error)")
    }
  }
}

/// Where handlers run.
public enum RPCExecution: Sendable, Hashable {
  /// On the event loop of their connection: by far the fastest. A handler that blocks its thread, or computes for long without
  /// suspending, holds up every connection of the loop.
  case eventLoop

  /// On Swift's concurrent thread pool, as tasks usually do. For handlers that block or compute; every read and write of a
  /// message then crosses to the event loop and back.
  case threadPool
}

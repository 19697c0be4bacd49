#!/bin/sh
# Regenerates Sources/Replay/ReplayDescriptor.swift from proto/replay.proto. Needs protoc (Debian: protobuf-compiler).
set -eu
cd "$(dirname "$0")/.."
output=Sources/Replay/ReplayDescriptor.swift
descriptor=$(mktemp)
trap 'rm -f "$descriptor"' EXIT
protoc --proto_path=proto --include_imports --descriptor_set_out="$descriptor" replay.proto
{
  cat <<'HEAD'
// Generated from proto/replay.proto by scripts/generate-proto.sh. Do not edit.

/// The schema that every replay carries.
enum ReplayDescriptor {
  /// A `google.protobuf.FileDescriptorSet` of `proto/replay.proto`, as protoc wrote it.
  static let fileDescriptorSet: [UInt8] = [
HEAD
  od -An -v -tx1 -w16 "$descriptor" | sed -e 's/^ *//' -e 's/ /, 0x/g' -e 's/^/    0x/' -e 's/$/,/'
  printf '  ]\n}\n'
} > "$output"

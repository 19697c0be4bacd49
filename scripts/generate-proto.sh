#!/bin/sh
# Regenerates from proto/replay.proto what the sources hold of it: the descriptor that replays carry, and the messages that their reader
# decodes. Needs protoc (Debian: protobuf-compiler); protoc-gen-swift is built from the package that the messages are linked with.
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

swift build -c release --product protoc-gen-swift
protoc --proto_path=proto --plugin="$(swift build -c release --show-bin-path)/protoc-gen-swift" \
  --swift_opt=Visibility=Internal --swift_out=Sources/Replay/Generated replay.proto

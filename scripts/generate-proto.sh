#!/bin/sh
# Regenerates what the sources hold of proto/: the descriptors that replays and reflection carry, and the code of messages and services.
# Needs protoc (Debian: protobuf-compiler); its plugins are built from the packages that the code is linked with.
set -eu
cd "$(dirname "$0")/.."
descriptor=$(mktemp)
trap 'rm -f "$descriptor"' EXIT

write_descriptor() { # file, type, its comment, its visibility, where protoc looks, protos
  output=$1 type=$2 about=$3 visibility=$4 path=$5
  shift 5
  sources=$(printf "$path/%s, " "$@")
  protoc --proto_path="$path" --include_imports --descriptor_set_out="$descriptor" "$@"
  {
    cat <<HEAD
// Generated from ${sources%, } by scripts/generate-proto.sh. Do not edit.

/// $about
${visibility}enum $type {
  /// A \`google.protobuf.FileDescriptorSet\`, as protoc wrote it.
  ${visibility}static let fileDescriptorSet: [UInt8] = [
HEAD
    od -An -v -tx1 -w16 "$descriptor" | sed -e 's/^ *//' -e 's/ /, 0x/g' -e 's/^/    0x/' -e 's/$/,/'
    printf '  ]\n}\n'
  } > "$output"
}

write_descriptor Sources/Replay/ReplayDescriptor.swift ReplayDescriptor "The schema that every replay carries." "" \
  proto replay.proto
write_descriptor Sources/GRPCServices/Generated/ServiceDescriptors.swift ServiceDescriptors "The services of this library." "" \
  proto grpc/health/v1/health.proto grpc/reflection/v1/reflection.proto grpc/reflection/v1alpha/reflection.proto
mkdir -p Sources/MatchExecutor/Generated Tests/GRPCTestServer/Generated
write_descriptor Sources/MatchExecutor/Generated/ExecutorDescriptor.swift ExecutorDescriptor "The executor's API." "" \
  proto executor.proto
write_descriptor Tests/GRPCTestServer/Generated/EchoDescriptor.swift EchoDescriptor "The service of the test server." "" \
  Tests/GRPCTestServer echo.proto

swift build -c release --product protoc-gen-swift
swift build -c release --product protoc-gen-grpc-swift-2
programs=$(swift build -c release --show-bin-path)

generate() { # folder of the code, where protoc looks, protos
  output=$1 path=$2
  shift 2
  protoc --proto_path="$path" --plugin="$programs/protoc-gen-swift" --plugin="$programs/protoc-gen-grpc-swift-2" \
    --swift_opt=Visibility=Internal --swift_opt=FileNaming=DropPath --swift_opt=UseAccessLevelOnImports=true \
    --swift_out="$output" \
    --grpc-swift-2_opt=Visibility=Internal,Client=false,Server=true,FileNaming=DropPath,UseAccessLevelOnImports=true \
    --grpc-swift-2_out="$output" "$@"
}

protoc --proto_path=proto --plugin="$programs/protoc-gen-swift" \
  --swift_opt=Visibility=Internal --swift_out=Sources/Replay/Generated replay.proto
generate Sources/GRPCServices/Generated proto grpc/health/v1/health.proto grpc/reflection/v1/reflection.proto
generate Sources/MatchExecutor/Generated proto executor.proto
generate Tests/GRPCTestServer/Generated Tests/GRPCTestServer echo.proto

"""Calls the test server with grpcio, which shares no code with it. Usage: grpcio_client.py PORT CHECK."""

import sys
import threading
import time

import grpc
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

PORT = int(sys.argv[1])
CHANNEL = grpc.insecure_channel(f"127.0.0.1:{PORT}")

# Messages come from the server's own description of them.
POOL = DescriptorPool(ProtoReflectionDescriptorDatabase(CHANNEL))
Request = GetMessageClass(POOL.FindMessageTypeByName("arena.test.EchoRequest"))
Response = GetMessageClass(POOL.FindMessageTypeByName("arena.test.EchoResponse"))


def method(kind, name, channel=CHANNEL):
    return getattr(channel, kind)(
        f"/arena.test.Echo/{name}",
        request_serializer=Request.SerializeToString,
        response_deserializer=Response.FromString,
    )


def expect(condition, what):
    if not condition:
        raise AssertionError(what)


def error_of(call):
    try:
        call()
    except grpc.RpcError as error:
        return error
    raise AssertionError("the call did not fail")


def unary():
    get = method("unary_unary", "Get")
    for size in (0, 1, 1000, 100_000, 3_000_000):
        expect(get(Request(payload=b"x" * size)).payload == b"x" * size, size)


def streams():
    collected = method("stream_unary", "Collect")(Request(payload=bytes([i])) for i in range(200))
    expect(collected.payload == bytes(range(200)), collected)
    expanded = list(method("unary_stream", "Expand")(Request(payload=b"ab", count=500)))
    expect([part.payload for part in expanded] == [b"ab"] * 500, len(expanded))
    updates = method("stream_stream", "Update")(Request(payload=b"%d" % i) for i in range(300))
    expect([part.payload for part in updates] == [b"%d" % i for i in range(300)], "echoes in order")


def statuses():
    get = method("unary_unary", "Get")
    for code in grpc.StatusCode:
        number = code.value[0]
        if number == 0:
            continue
        text = f"status {number}: 100 %, ü, 😀\nend"
        error = error_of(lambda n=number, t=text: get(Request(status=n, message=t)))
        expect(error.code() == code, (error.code(), code))
        expect(error.details() == text, error.details())
        trailers = dict(error.trailing_metadata())
        expect(trailers["reason-bin"] == b"\x00\x01\x02\xff" and trailers["reason"] == "asked", trailers)


def unknown():
    error = error_of(lambda: method("unary_unary", "Nothing")(Request()))
    expect(error.code() == grpc.StatusCode.UNIMPLEMENTED, error)


def deadline():
    get = method("unary_unary", "Get")
    error = error_of(lambda: get(Request(delay_milliseconds=60_000), timeout=0.2))
    expect(error.code() == grpc.StatusCode.DEADLINE_EXCEEDED, error)
    expect(get(Request(payload=b"in time"), timeout=300).payload == b"in time", "answered in time")


def cancel():
    get = method("unary_unary", "Get")
    futures = [get.future(Request(delay_milliseconds=60_000)) for _ in range(50)]
    for future in futures:
        future.cancel()
    expect(get(Request(payload=b"after")).payload == b"after", "other calls go on")
    updates = method("stream_stream", "Update")(iter([Request(payload=b"1")]))
    expect(next(updates).payload == b"1", "first")
    updates.cancel()


def gzip():
    channel = grpc.insecure_channel(f"127.0.0.1:{PORT}", compression=grpc.Compression.Gzip)
    get = method("unary_unary", "Get", channel)
    for size in (10, 5000, 1_000_000):
        expect(get(Request(payload=b"z" * size)).payload == b"z" * size, size)
    channel = grpc.insecure_channel(f"127.0.0.1:{PORT}", compression=grpc.Compression.Deflate)
    error = error_of(lambda: method("unary_unary", "Get", channel)(Request(payload=b"z" * 5000)))
    expect(error.code() == grpc.StatusCode.UNIMPLEMENTED and "gzip" in error.details(), error)


def too_long():
    get = method("unary_unary", "Get")
    error = error_of(lambda: get(Request(payload=b"x" * 5_000_000)))
    expect(error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED, error)
    expect(str(4 << 20) in error.details(), error.details())


def large_metadata():
    get = method("unary_unary", "Get")
    error = error_of(lambda: get(Request(), metadata=[("big", "v" * 20_000)]))
    expect(error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED, error)
    expect(get(Request(payload=b"y"), metadata=[("big", "v" * 10_000)]).payload == b"y", "fits")


def health():
    stub = health_pb2_grpc.HealthStub(CHANNEL)
    for service in ("", "arena.test.Echo"):
        status = stub.Check(health_pb2.HealthCheckRequest(service=service)).status
        expect(status == health_pb2.HealthCheckResponse.SERVING, status)
    error = error_of(lambda: stub.Check(health_pb2.HealthCheckRequest(service="nobody")))
    expect(error.code() == grpc.StatusCode.NOT_FOUND, error)
    watch = stub.Watch(health_pb2.HealthCheckRequest(service="nobody"))
    expect(next(watch).status == health_pb2.HealthCheckResponse.SERVICE_UNKNOWN, "watched")
    watch.cancel()


def reflection():
    database = ProtoReflectionDescriptorDatabase(CHANNEL)
    services = set(database.get_services())
    expect({"arena.test.Echo", "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection"} <= services, services)
    echo = DescriptorPool(database).FindServiceByName("arena.test.Echo")
    expect([m.name for m in echo.methods] == ["Get", "Collect", "Expand", "Update"], echo.methods)
    # What the server says of the health service is what the published package says.
    ours = DescriptorPool(database).FindServiceByName("grpc.health.v1.Health")
    theirs = health_pb2.DESCRIPTOR.services_by_name["Health"]
    expect({m.name for m in theirs.methods} <= {m.name for m in ours.methods}, "methods")
    for name in ("HealthCheckRequest", "HealthCheckResponse"):
        fields = [(f.name, f.number, f.type) for f in ours.file.message_types_by_name[name].fields]
        expect(fields == [(f.name, f.number, f.type) for f in health_pb2.DESCRIPTOR.message_types_by_name[name].fields], name)


def many():
    get = method("unary_unary", "Get")
    futures = [get.future(Request(payload=b"%d" % i)) for i in range(2000)]
    for index, future in enumerate(futures):
        expect(future.result(timeout=300).payload == b"%d" % index, index)


def waiting():
    get = method("unary_unary", "Get")
    futures = [get.future(Request(delay_milliseconds=600_000)) for _ in range(2000)]
    expect(get(Request(payload=b"beside"), timeout=300).payload == b"beside", "a call beside 2000 that wait")
    expect(not any(future.done() for future in futures), "none of them has ended")
    for future in futures:
        future.cancel()
    expect(get(Request(payload=b"after"), timeout=300).payload == b"after", "a call after they were cancelled")


def threads():
    failures = []

    def work(number):
        try:
            channel = grpc.insecure_channel(f"127.0.0.1:{PORT}", options=[("grpc.use_local_subchannel_pool", 1)])
            get = method("unary_unary", "Get", channel)
            for i in range(100):
                expect(get(Request(payload=b"%d %d" % (number, i))).payload == b"%d %d" % (number, i), i)
            channel.close()
        except Exception as error:  # noqa: BLE001 - reported below
            failures.append(error)

    workers = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    expect(not failures, failures)


def drain():
    """The server gets SIGTERM meanwhile: health turns, the call in flight ends well."""
    call = method("unary_unary", "Get").future(Request(payload=b"last", delay_milliseconds=1500))
    watch = health_pb2_grpc.HealthStub(CHANNEL).Watch(health_pb2.HealthCheckRequest())
    expect(next(watch).status == health_pb2.HealthCheckResponse.SERVING, "serving")
    print("ready", flush=True)
    expect(next(watch).status == health_pb2.HealthCheckResponse.NOT_SERVING, "not serving")
    ended = error_of(lambda: next(watch))
    expect(ended.code() == grpc.StatusCode.UNAVAILABLE, ended)
    expect(call.result(timeout=300).payload == b"last", "the call in flight")
    limit = time.monotonic() + 300
    while time.monotonic() < limit:
        error = error_of(lambda: method("unary_unary", "Get")(Request()))
        if error.code() == grpc.StatusCode.UNAVAILABLE:
            return
    raise AssertionError("the server goes on serving")


globals()[sys.argv[2]]()
print("passed", flush=True)

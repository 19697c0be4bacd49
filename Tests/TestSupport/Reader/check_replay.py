"""Says what is wrong with a complete replay: its summary and index are held against its content, read by the mcap package with all its CRCs,
and every message is decoded with nothing but the schema in the file. Prints JSON; `problems` is empty where all is well."""

import json
import struct
import sys
import zlib

import zstandard
from google.protobuf import descriptor_pool, message_factory
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from mcap.reader import NonSeekingReader, SeekingReader
from mcap.records import DataEnd, Footer, Message, SummaryOffset
from mcap.stream_reader import StreamReader

MESSAGE, CHUNK, METADATA, DATA_END = 0x05, 0x06, 0x0C, 0x0F


def records(data):
    """Offset, opcode and content of every record, by the format's own lengths and without the mcap package."""
    position = 8
    while position < len(data) - 8:
        opcode, length = struct.unpack_from("<BQ", data, position)
        yield position, opcode, data[position + 9 : position + 9 + length]
        position += 9 + length


def decoder(schema):
    """The message class of a schema, in a pool that knows nothing else."""
    pool = descriptor_pool.DescriptorPool()
    for file in FileDescriptorSet.FromString(schema.data).file:
        pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(schema.name))


class Check:
    def __init__(self, path):
        self.problems = []
        self.path = path
        with open(path, "rb") as file:
            self.data = file.read()

    def same(self, what, found, expected):
        if found != expected:
            self.problems.append(f"{what}: {found!r} instead of {expected!r}")

    def run(self):
        with open(self.path, "rb") as file:
            seeking = list(SeekingReader(file, validate_crcs=True).iter_messages())
        with open(self.path, "rb") as file:
            streaming = list(NonSeekingReader(file, validate_crcs=True).iter_messages())
        with open(self.path, "rb") as file:
            summary = SeekingReader(file, validate_crcs=True).get_summary()
        with open(self.path, "rb") as file:
            everything = list(StreamReader(file, validate_crcs=True).records)
        self.same("messages through the index", [m for _, _, m in seeking], [m for _, _, m in streaming])
        plain = [record for record in everything if isinstance(record, Message)]
        self.same("messages from front to back", [m for _, _, m in streaming], plain)
        self.content(summary, plain)
        self.checksums(everything)
        frames = self.frames(seeking)
        return {
            "frames": len(frames),
            "gameEvents": len(seeking) - len(frames),
            "chunks": summary.statistics.chunk_count,
            "metadata": sorted(index.name for index in summary.metadata_indexes),
            "problems": self.problems,
        }

    def content(self, summary, messages):
        """The index against the records themselves."""
        statistics = summary.statistics
        counts, times = {}, [m.log_time for m in messages]
        for message in messages:
            counts[message.channel_id] = counts.get(message.channel_id, 0) + 1
        self.same("message_count", statistics.message_count, len(messages))
        self.same("channel_message_counts", statistics.channel_message_counts, counts)
        self.same("message_start_time", statistics.message_start_time, min(times, default=0))
        self.same("message_end_time", statistics.message_end_time, max(times, default=0))
        self.same("schema_count", statistics.schema_count, len(summary.schemas))
        self.same("channel_count", statistics.channel_count, len(summary.channels))
        self.same("attachment_count", statistics.attachment_count, 0)

        chunks, metadata = [], []
        for offset, opcode, content in records(self.data):
            if opcode == CHUNK:
                start, end, size, crc, name = struct.unpack_from("<QQQII", content)
                compression = content[32 : 32 + name].decode()
                stored = struct.unpack_from("<Q", content, 32 + name)[0]
                body = content[40 + name :]
                self.same("records of a chunk", len(body), stored)
                plain = zstandard.ZstdDecompressor().decompress(body, max_output_size=size)
                self.same("crc of a chunk", zlib.crc32(plain), crc)
                inner = [struct.unpack_from("<Q", c, 6)[0] for _, o, c in records(bytes(8) + plain + bytes(8)) if o == MESSAGE]
                self.same("times of a chunk", (start, end), (min(inner), max(inner)))
                chunks.append((offset, 9 + len(content), start, end, compression, stored, size))
            elif opcode == METADATA:
                length = struct.unpack_from("<I", content)[0]
                metadata.append((offset, 9 + len(content), content[4 : 4 + length].decode()))
            elif opcode == DATA_END:
                break
        self.same("chunk_count", statistics.chunk_count, len(chunks))
        self.same("metadata_count", statistics.metadata_count, len(metadata))
        index = [
            (
                c.chunk_start_offset,
                c.chunk_length,
                c.message_start_time,
                c.message_end_time,
                c.compression,
                c.compressed_size,
                c.uncompressed_size,
            )
            for c in summary.chunk_indexes
        ]
        self.same("chunk index", index, chunks)
        self.same("metadata index", [(m.offset, m.length, m.name) for m in summary.metadata_indexes], metadata)

    def checksums(self, everything):
        """Of the data, of the summary, and where the summary's groups begin."""
        end = next(r for r in everything if isinstance(r, DataEnd))
        footer = everything[-1]
        self.same("last record", type(footer), Footer)
        data = self.data[: footer.summary_start - 13]
        self.same("data_section_crc", end.data_section_crc, zlib.crc32(data))
        self.same("summary_crc", footer.summary_crc, zlib.crc32(self.data[footer.summary_start : -12]))
        groups = {}
        for offset, opcode, content in records(self.data):
            if footer.summary_start <= offset < footer.summary_offset_start:
                begin, _ = groups.get(opcode, (offset, 0))
                groups[opcode] = (begin, offset + 9 + len(content) - begin)
        offsets = {r.group_opcode: (r.group_start, r.group_length) for r in everything if isinstance(r, SummaryOffset)}
        self.same("summary offsets", offsets, groups)

    def frames(self, messages):
        """Decodes all messages; steps count from 1 in every game, sequences from 1 in every channel."""
        decoders, frames, sequences, steps = {}, [], {}, {}
        for schema, channel, message in messages:
            if schema.id not in decoders:
                decoders[schema.id] = decoder(schema)
            decoded = decoders[schema.id].FromString(message.data)
            self.same("unknown fields", decoded.SerializeToString(deterministic=True), message.data)
            sequences[channel.topic] = sequences.get(channel.topic, 0) + 1
            self.same("sequence", message.sequence, sequences[channel.topic])
            if channel.topic == "/frames":
                frames.append(decoded)
                steps[decoded.game] = steps.get(decoded.game, 0) + 1
                self.same(f"step of game {decoded.game}", decoded.step, steps[decoded.game])
        self.same("games", sorted(steps), list(range(len(steps))))
        return frames


json.dump(Check(sys.argv[1]).run(), sys.stdout)

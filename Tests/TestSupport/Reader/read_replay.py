"""Prints what a replay holds, as JSON: it reads the file from front to back, so a file without an end can be read too."""

import json
import struct
import sys

import zstandard
from mcap.exceptions import EndOfFile
from mcap.records import Channel, Footer, Message, Metadata, Schema
from mcap.stream_reader import StreamReader
from mcap_protobuf.decoder import DecoderFactory

FAULTS = [None, "timeout", "invalid_action", "exception", "protocol", "disconnected", "startup"]


def seat(message, first):
    """One seat of a frame. An observation that is left out is that of seat 0."""
    observation = message.observation if message.HasField("observation") else first.observation
    return {
        "observation": observation.hex(),
        "action": message.action.hex(),
        "reward": message.reward,
        "fault": FAULTS[message.fault],
        "platformStall": message.platform_stall,
        "forfeited": message.forfeited,
        "thinkTime": message.think_time,
    }


def main(path):
    schemas, channels, decoders = {}, {}, DecoderFactory()
    result = {"frames": [], "gameEvents": 0, "metadata": {}, "isComplete": False}
    with open(path, "rb") as file:
        try:
            for record in StreamReader(file, validate_crcs=True).records:
                if isinstance(record, Schema):
                    schemas[record.id] = record
                elif isinstance(record, Channel):
                    channels[record.id] = record
                elif isinstance(record, Metadata):
                    result["metadata"][record.name] = record.metadata
                elif isinstance(record, Footer):
                    result["isComplete"] = True
                elif isinstance(record, Message):
                    channel = channels[record.channel_id]
                    message = decoders.decoder_for("protobuf", schemas[channel.schema_id])(record.data)
                    if channel.topic == "/games":
                        result["gameEvents"] += 1
                    elif channel.topic == "/frames":
                        seats = [seat(each, message.seats[0]) for each in message.seats]
                        frame = {"step": message.step, "game": message.game, "seats": seats}
                        result["frames"].append(frame)
        except (EndOfFile, struct.error, zstandard.ZstdError):  # What the package makes of a record that is cut.
            pass
    json.dump(result, sys.stdout)


main(sys.argv[1])

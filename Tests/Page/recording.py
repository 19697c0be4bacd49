"""What the `mcap` package and the protobuf runtime make of a replay: the truth that its page is held against."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mcap.exceptions import EndOfFile
from mcap.reader import NonSeekingReader
from mcap.records import Metadata
from mcap.stream_reader import StreamReader
from mcap_protobuf.decoder import DecoderFactory


@dataclass
class Recording:
    """A replay's messages and Metadata, in their order."""

    frames: list[Any] = field(default_factory=list)
    events: list[tuple[str, Any]] = field(default_factory=list)
    metadata: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def faults(self) -> list[tuple[int, int, int]]:
        """Frame number, seat and kind of every fault."""
        return [
            (i, s, seat.fault)
            for i, frame in enumerate(self.frames)
            for s, seat in enumerate(frame.seats)
            if seat.fault
        ]


def read(path: Path) -> Recording:
    """Reads a replay as far as it goes."""
    recording = Recording()
    with path.open("rb") as file:
        reader = NonSeekingReader(file, decoder_factories=[DecoderFactory()])
        try:
            for _, channel, message, decoded in reader.iter_decoded_messages(log_time_order=False):
                if channel.topic == "/frames":
                    recording.frames.append(decoded)
                    recording.events.append(("frame", decoded, message.log_time))
                else:
                    recording.events.append((decoded.WhichOneof("event"), decoded, message.log_time))
        except EndOfFile:
            pass  # a match that was killed
    with path.open("rb") as file:
        try:
            for record in StreamReader(file, emit_chunks=True).records:
                if isinstance(record, Metadata):
                    recording.metadata[record.name] = record.metadata
        except EndOfFile:
            pass
    return recording


def observation(frame: Any, seat: int) -> bytes:
    """What a seat saw: seat 0's observation where its own was left out."""
    own = frame.seats[seat]
    return own.observation if own.HasField("observation") else frame.seats[0].observation

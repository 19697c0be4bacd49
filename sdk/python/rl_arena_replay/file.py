"""One pass through a replay's file: records, checksums, messages and metadata."""

from __future__ import annotations

import json
import os
from typing import IO, Any, Dict, Iterator, List, Optional, Tuple, Union, cast

import mcap.records
import numpy as np
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError
from mcap.stream_reader import StreamReader

from .errors import ReplayError
from .model import AgentInfo, Match
from .spaces import Space

PathLike = Union[str, "os.PathLike[str]"]


PROFILE = "rl-arena"
MAGIC = b"\x89MCAP0\r\n"


class CutOff(Exception):
    """The file ends within a record."""


class WholeReads:
    """The file for mcap's reader: what it asks for is there as a whole, or the file is cut off."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file

    def read(self, count: int) -> bytes:
        """Returns the next ``count`` bytes, or raises :class:`CutOff`."""
        if count > 65_536 and count > os.fstat(self.file.fileno()).st_size - self.file.tell():
            raise CutOff  # a damaged length must not become an allocation
        data = self.file.read(count)
        if len(data) < count:
            raise CutOff
        return data


class ReplayFile:
    """One pass through a replay: its messages one after the other, and what its other records say so far."""

    def __init__(self, path: PathLike) -> None:
        self.path = os.fspath(path)
        self.metadata: Dict[str, Dict[str, str]] = {}
        self.has_end = False
        self._schemas: Dict[int, Any] = {}  # the class of a schema's messages
        self._decoders: Dict[int, Any] = {}  # the class of a channel's messages
        self._match: Optional[Match] = None

    @property
    def match(self) -> Match:
        """What the file says about its match. Raises :class:`ReplayError` if it does not say enough."""
        if self._match is None:
            self._match = parse_match(self.path, self.metadata)
        return self._match

    def error(self, problem: str) -> ReplayError:
        """Returns the error that says what is wrong with this file."""
        return ReplayError(f"{self.path} {problem}")

    def messages(self) -> Iterator[Tuple[np.datetime64, Any]]:
        """Yields the ``Frame`` and ``GameEvent`` messages with their times, in the order of the file."""
        with open(self.path, "rb") as file:
            count = 0
            for record in self._records(file):
                if isinstance(record, mcap.records.Message):
                    count += 1
                    yield utc(record.log_time // 1000), self._decode(record)
                elif isinstance(record, mcap.records.Header):
                    if record.profile != PROFILE:
                        raise self.error(f"is an MCAP file but no replay: its profile is {record.profile!r}")
                elif isinstance(record, mcap.records.Schema):
                    self._add_schema(record)
                elif isinstance(record, mcap.records.Channel):
                    self._add_channel(record)
                elif isinstance(record, mcap.records.Metadata):
                    self.metadata[record.name] = record.metadata
                elif isinstance(record, mcap.records.Statistics) and record.message_count != count:
                    stated = record.message_count
                    raise self.error(f"is damaged: it holds {count} messages, and its statistics say {stated}")
            self.match  # noqa: B018  # a file without messages has to say what it is, too

    def _records(self, file: IO[bytes]) -> Iterator[Any]:
        """Yields the file's records, chunks taken apart; what is wrong with them is a :class:`ReplayError`."""
        if file.read(len(MAGIC)) != MAGIC:
            raise self.error("is no replay: it does not begin as an MCAP file does")
        file.seek(0)
        records = StreamReader(cast(IO[bytes], WholeReads(file)), validate_crcs=True).records
        while True:
            try:
                record = next(records, None)
            except CutOff:
                file.seek(max(os.fstat(file.fileno()).st_size - len(MAGIC), len(MAGIC)))
                if file.read() == MAGIC:  # it was completed: a length is wrong
                    raise self.error("is damaged: a record claims to be longer than the file") from None
                return
            except OSError:
                raise
            except Exception as error:  # whatever mcap, zstandard and struct make of damaged bytes
                raise self.error(f"is damaged: {sentence(error)}") from error
            if record is None:
                self.has_end = True
                return
            yield record

    def _add_schema(self, schema: Any) -> None:
        if schema.encoding != "protobuf":
            raise self.error(f"has a schema in {schema.encoding!r} where protobuf belongs")
        try:
            pool = descriptor_pool.DescriptorPool()
            for description in descriptor_pb2.FileDescriptorSet.FromString(schema.data).file:
                pool.Add(description)
            self._schemas[schema.id] = message_factory.GetMessageClass(pool.FindMessageTypeByName(schema.name))
        except Exception as error:  # DecodeError, TypeError, KeyError: by the package's version
            raise self.error(f"has a schema {schema.name!r} that cannot be read: {sentence(error)}") from error

    def _add_channel(self, channel: Any) -> None:
        """Remembers which class decodes the channel's messages."""
        name = {"/frames": "rl_arena.replay.Frame", "/games": "rl_arena.replay.GameEvent"}.get(channel.topic)
        decoder = self._schemas.get(channel.schema_id)
        if name is not None and (decoder is None or decoder.DESCRIPTOR.full_name != name):
            raise self.error(f"has no schema {name} for its channel {channel.topic}")
        self._decoders[channel.id] = decoder

    def _decode(self, record: Any) -> Any:
        decoder = self._decoders.get(record.channel_id)
        if decoder is None:
            raise self.error(f"is damaged: a message is on the channel {record.channel_id}, which it does not declare")
        try:
            return decoder.FromString(record.data)
        except DecodeError as error:
            raise self.error(f"is damaged: a message cannot be decoded: {sentence(error)}") from error


def sentence(error: BaseException) -> str:
    """Returns an error's text as one line."""
    return " ".join(str(error).split()) or type(error).__name__


def utc(microseconds: int) -> np.datetime64:
    """Returns a time given in microseconds since the Unix epoch."""
    return np.datetime64(microseconds, "us")


def parse_match(path: str, metadata: Dict[str, Dict[str, str]]) -> Match:
    """Returns what the Metadata records at a replay's beginning say, or raises :class:`ReplayError`."""
    for name in ("match", "environment"):
        if name not in metadata:
            raise ReplayError(f"{path} has no metadata named {name!r}: it ends before it says which match it records")
    key = "match"
    try:
        match, environment = metadata["match"], metadata["environment"]
        agents: List[AgentInfo] = []
        while f"agent {len(agents)}" in metadata:
            agent = dict(metadata[f"agent {len(agents)}"])
            agents.append(AgentInfo(agent.pop("agent_id"), agent.pop("version", ""), agent))
        spaces = []
        for key in ("observation", "action"):
            description = json.loads(environment[key])
            spaces.append(Space(description["space"], description["size"]))
        key = "configuration"
        configuration = json.loads(environment.get("configuration") or "{}")
        key = "match"
        return Match(
            match_id=match["match_id"],
            environment=match["environment"],
            version=match.get("version", ""),
            seed=int(match["seed"]) if match.get("seed") else None,
            planned_games=int(match.get("games", 1)),
            agents=tuple(agents),
            configuration=configuration,
            observation_space=spaces[0],
            action_space=spaces[1],
            action_mask_size=int(environment.get("action_mask_size", 0)),
            metadata=metadata,
        )
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        problem = f"{error} is missing" if isinstance(error, KeyError) else sentence(error)
        raise ReplayError(f"{path} has metadata that makes no sense, at {key!r}: {problem}") from error

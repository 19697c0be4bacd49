"""Replays as Parquet files."""

from __future__ import annotations

import json
import os
from typing import Any, Callable, Dict, List, Optional, Sequence

import numpy as np

from .building import step_bytes
from .file import PathLike
from .model import Game, Match, Seat, fault_name
from .source import ReplaySource, Source, game_summary, match_summary
from .spaces import Columns, map_columns

ROW_GROUP_BYTES = 32 * 1024 * 1024


def to_parquet(source: Source, out: PathLike, *, row_group_bytes: int = ROW_GROUP_BYTES) -> int:
    """Writes a replay, a file or one in memory, as the Parquet file ``out``; returns the number of rows.

    One row per seat and step, in the order of games, steps and seats:

    =================  ==================  ============================================================================
    column             type                meaning
    =================  ==================  ============================================================================
    game               int32               from 0
    step               int64               within the game, from 1
    seat               int32               from 0
    agent_id           string              who sits there
    time               timestamp[us, UTC]  when the step was over
    observation        OBSERVATION         what the action answers: what the seat saw before the step
    action             ACTION              what was played; null where the seat did not act
    reward             float64
    terminated         bool                the step ended the game by its own rules
    truncated          bool                the step cut the game off
    next_observation   OBSERVATION         what the seat saw after the step
    acted              bool                the game asked the seat for an action
    action_mask        list of bool        only where the game has masks; null where the seat did not act
    fault              string              such as ``timeout``; null where there was none
    fault_message      string              null where there is none
    think_time         float64             seconds; null where the seat did not act
    platform_stall     bool
    forfeited          bool
    note               string              null where there is none
    info               string              a JSON object of the environment's, the same for all seats; null if none
    =================  ==================  ============================================================================

    OBSERVATION and ACTION follow the spaces: ``Discrete`` int64; ``Box``, ``MultiDiscrete`` and ``MultiBinary`` nested
    lists in the space's dtype, or plain numbers for shape []; ``Text`` string; ``Dict`` and ``Tuple`` structs, whose
    fields are the keys or 0, 1, 2 ….

    The file's own metadata holds JSON: ``rl_arena.match`` (match_id, environment, seed, agents, configuration and
    spaces), ``rl_arena.games`` (per game its seed, agents by seat, steps, outcomes, scores and reason) and
    ``rl_arena.complete``.

    A row group is about ``row_group_bytes`` of the replay; that and what pyarrow adds is all that is in memory.

    :raises ReplayError: if the source is damaged; ``out`` is left as it was.
    :raises ImportError: if pyarrow is not installed.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet
    except ImportError as error:
        raise ImportError(f"to_parquet needs a package that is not installed ({error}): pip install pyarrow") from error

    new_writer: Any = pyarrow.parquet.ParquetWriter
    reader = ReplaySource(source)
    target = os.fspath(out)
    unfinished = f"{target}.part"
    writer: Any = None
    rows = 0
    waiting: List[Any] = []
    waiting_bytes = 0
    games: Dict[int, Dict[str, Any]] = {}
    try:
        schema: Any = None
        for part in reader.games(row_group_bytes):
            if schema is None:
                schema = parquet_schema(pa, reader.match)
                writer = new_writer(unfinished, schema, compression="zstd")
            steps_before = games.get(part.number, {}).get("steps", 0)
            games[part.number] = game_summary(part, steps_before)
            waiting.append(parquet_table(pa, schema, reader.match, part, steps_before))
            waiting_bytes += part.steps * step_bytes(reader.match, len(part.seats))
            if waiting_bytes >= row_group_bytes:
                rows += write_row_group(pa, writer, waiting)
                waiting_bytes = 0
        if writer is None:
            writer = new_writer(unfinished, parquet_schema(pa, reader.match), compression="zstd")
        if waiting:
            rows += write_row_group(pa, writer, waiting)
        is_complete = reader.has_end and all(game["complete"] for game in games.values())
        writer.add_key_value_metadata(
            {
                "rl_arena.match": json.dumps(match_summary(reader.match)),
                "rl_arena.games": json.dumps(list(games.values())),
                "rl_arena.complete": json.dumps(is_complete),
            }
        )
        writer.close()
        os.replace(unfinished, target)
    except BaseException:
        if writer is not None:
            writer.close()
            os.unlink(unfinished)
        raise
    return rows


def write_row_group(pa: Any, writer: Any, waiting: List[Any]) -> int:
    """Writes the tables that wait as one row group and forgets them; returns the number of rows."""
    table = pa.concat_tables(waiting)
    waiting.clear()
    writer.write_table(table, row_group_size=max(table.num_rows, 1))
    return int(table.num_rows)


def parquet_schema(pa: Any, match: Match) -> Any:
    """Returns the columns that the docstring of :func:`to_parquet` describes."""
    observation = arrow_type(pa, match.observation_space.description)
    fields = [
        ("game", pa.int32()), ("step", pa.int64()), ("seat", pa.int32()), ("agent_id", pa.string()),
        ("time", pa.timestamp("us", "UTC")), ("observation", observation),
        ("action", arrow_type(pa, match.action_space.description)), ("reward", pa.float64()),
        ("terminated", pa.bool_()), ("truncated", pa.bool_()), ("next_observation", observation), ("acted", pa.bool_()),
    ]  # fmt: skip
    if match.action_mask_size:
        fields.append(("action_mask", pa.list_(pa.bool_())))
    fields += [
        ("fault", pa.string()), ("fault_message", pa.string()), ("think_time", pa.float64()),
        ("platform_stall", pa.bool_()), ("forfeited", pa.bool_()), ("note", pa.string()), ("info", pa.string()),
    ]  # fmt: skip
    return pa.schema(fields)


def arrow_type(pa: Any, space: Dict[str, Any]) -> Any:
    """Returns the type of a column with values of this space.

    Lists are of no fixed size: Arrow cannot read back those that are null.
    """
    kind = space["type"]
    if kind == "Dict":
        return pa.struct([(key, arrow_type(pa, child)) for key, child in space["spaces"]])
    if kind == "Tuple":
        return pa.struct([(str(index), arrow_type(pa, child)) for index, child in enumerate(space["spaces"])])
    if kind == "Discrete":
        return pa.int64()
    if kind == "Text":
        return pa.string()
    column = pa.from_numpy_dtype(np.dtype(space["dtype"]))
    for _ in space["shape"]:
        column = pa.list_(column)
    return column


def arrow_array(pa: Any, wanted: Any, columns: Columns, null: Optional[np.ndarray[Any, Any]] = None) -> Any:
    """Returns values as an Arrow array of this type; ``null`` says which rows are null."""
    mask = None if null is None else pa.array(null)
    if isinstance(columns, (dict, tuple)):
        parts = columns.values() if isinstance(columns, dict) else columns
        fields = list(wanted)
        arrays = [arrow_array(pa, member.type, part) for member, part in zip(fields, parts)]
        return pa.StructArray.from_arrays(arrays, fields=fields, mask=mask)
    if columns.ndim == 1:
        return pa.array(columns, wanted, mask=null)
    types = [wanted]
    while pa.types.is_list(types[-1]):
        types.append(types[-1].value_type)
    nested = pa.array(columns.reshape(-1), types.pop())
    for depth in range(len(types), 0, -1):  # the innermost lists first
        length = columns.shape[depth]
        offsets = pa.array(np.arange(0, len(nested) + 1, length, dtype=np.int32))
        nested = pa.ListArray.from_arrays(offsets, nested, types[depth - 1], mask=mask if depth == 1 else None)
    return nested


def interleave(columns: Sequence[Columns]) -> Columns:
    """Returns the rows of all seats in the order of steps, then seats."""
    first = columns[0]
    if isinstance(first, dict):
        return {key: interleave([column[key] for column in columns]) for key in first}
    if isinstance(first, tuple):
        return tuple(interleave([column[index] for column in columns]) for index in range(len(first)))
    stacked = np.stack(columns, axis=1)
    return stacked.reshape(len(first) * len(columns), *first.shape[1:])


def parquet_table(pa: Any, schema: Any, match: Match, game: Game, steps_before: int) -> Any:
    """Returns the rows of a part of a game."""
    seats, steps = len(game.seats), game.steps

    def rows_of(column: Callable[[Seat], Columns]) -> Columns:
        return interleave([column(seat) for seat in game.seats])

    def all_seats(column: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        return np.repeat(column, seats)

    def texts(column: np.ndarray[Any, Any]) -> Any:
        return pa.array(column, pa.string(), mask=column == "")

    def only_last(value: bool) -> np.ndarray[Any, Any]:
        column = np.zeros(steps, np.bool_)
        column[-1:] = value
        return all_seats(column)

    acted = rows_of(lambda seat: seat.acted)
    idle = np.logical_not(acted)
    faults = rows_of(lambda seat: seat.faults)
    names = np.array([fault_name(number) for number in range(256)], object)
    observation = schema.field("observation").type
    before = rows_of(lambda seat: map_columns(lambda column: column[:-1], seat.observations))
    after = rows_of(lambda seat: map_columns(lambda column: column[1:], seat.observations))
    columns = {
        "game": np.full(steps * seats, game.number, np.int32),
        "step": all_seats(np.arange(steps_before + 1, steps_before + steps + 1)),
        "seat": np.tile(np.arange(seats, dtype=np.int32), steps),
        "agent_id": pa.array(list(game.agent_ids) * steps, pa.string()),
        "time": pa.array(all_seats(game.times), pa.timestamp("us", "UTC")),
        "observation": arrow_array(pa, observation, before),
        "action": arrow_array(pa, schema.field("action").type, rows_of(lambda seat: seat.actions), idle),
        "reward": rows_of(lambda seat: seat.rewards),
        "terminated": only_last(game.terminated),
        "truncated": only_last(game.truncated),
        "next_observation": arrow_array(pa, observation, after),
        "acted": acted,
        "fault": pa.array(names[faults], pa.string(), mask=faults == 0),
        "fault_message": texts(rows_of(lambda seat: seat.fault_messages)),
        "think_time": pa.array(rows_of(lambda seat: seat.think_times), pa.float64(), mask=idle),
        "platform_stall": rows_of(lambda seat: seat.platform_stalls),
        "forfeited": rows_of(lambda seat: seat.forfeited),
        "note": texts(rows_of(lambda seat: seat.notes)),
        "info": texts(all_seats(game.infos)),
    }
    if match.action_mask_size:
        masks = rows_of(lambda seat: seat.action_masks)
        columns["action_mask"] = arrow_array(pa, schema.field("action_mask").type, masks, idle)
    return pa.table([columns[name] for name in schema.names], schema=schema)

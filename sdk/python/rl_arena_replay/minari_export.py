"""Replays as Minari data sets."""

from __future__ import annotations

import os
import re
import shutil
from typing import Any, Callable, Dict, Iterable, List, Optional, Sequence, Set, Union

import numpy as np

from .errors import ReplayError
from .file import PathLike
from .gymnasium_spaces import gymnasium_spaces
from .model import Game, Match, Replay, Seat
from .source import ReplaySource, Source, match_summary
from .spaces import map_columns

DATASET_ID = re.compile(r"(?:[-_\w][-_\w/]*[-_\w]/)?[-_\w]+?-v\d+")
"""Minari's form of a data set's name: ``namespace/name-v0``."""


def to_minari(
    source: Union[Source, Iterable[Source]],
    out: Optional[PathLike] = None,
    *,
    dataset_id: Optional[str] = None,
    seat: Optional[int] = None,
    agent: Optional[str] = None,
    data_format: str = "hdf5",
) -> Any:
    """Writes one or several replays as a Minari data set and returns it, loaded by Minari.

    An episode is one seat's part of one game, made of the steps in which the seat acts. A reward is the sum of what the
    seat earned from its action to before its next one, and what follows an action is what the seat sees at its next
    one, or at the game's end. Episodes of games that neither ended nor were cut off by their rules (after a forfeit, or
    where the file breaks off) are truncated.

    ``infos`` have one row more than actions, as Minari's own do. Row t + 1 of ``step``, ``fault`` (numbers of
    :class:`Fault`), ``think_time`` (seconds), ``platform_stall``, ``forfeited`` and ``note`` belongs to action t; row 0
    is empty. Row t of ``action_mask``, where the game has masks, belongs to observation t; the last row is empty. An
    episode's metadata has ``match_id``, ``game``, ``seat`` and ``agent_id``, and, where the game's end is in the file,
    ``outcome`` and ``score``; its ``seed`` is what the environment was reset with. Images are stored as they are, not
    as JPEG. A ``Text`` space for any characters is given the characters that occur.

    :param source: files, or replays in memory, all with the same spaces.
    :param out: the folder of data sets, in which this one gets a folder by its name; Minari's own folder if left out.
        For ``minari.load_dataset`` the environment variable ``MINARI_DATASETS_PATH`` has to name it.
    :param dataset_id: its name; ``rl-arena/ENVIRONMENT/MATCH_ID-v0`` of the first replay if left out.
    :param seat: only the episodes of this seat.
    :param agent: only the episodes of the agent with this id.
    :param data_format: ``hdf5``, ``arrow`` or ``parquet``: Minari's names of its formats.
    :raises ReplayError: if a source is damaged, the spaces differ, nothing is left to export, or the data set exists.
    :raises ImportError: if minari is not installed.
    """
    if isinstance(source, (str, os.PathLike, Replay)):
        source = [source]
    sources = [ReplaySource(each) for each in source]
    if not sources:
        raise ReplayError("nothing to export: no replay was given")
    first = sources[0]
    next(first.games(1), None)  # from here on its match is known
    name = dataset_id or f"rl-arena/{plain(first.match.environment)}/{plain(first.match.match_id)}-v0"
    if not DATASET_ID.fullmatch(name):
        raise ReplayError(f"{name!r} is no name for a Minari data set: it has to look like namespace/name-v0")
    try:
        import gymnasium
        import minari
        from minari.dataset.minari_storage import MinariStorage
        from minari.storage.datasets_root_dir import get_dataset_path

        spaces = gymnasium_spaces(gymnasium, sources)
        folder = os.path.join(os.fspath(out) if out is not None else get_dataset_path(), *name.split("/"))
        data, unfinished = os.path.join(folder, "data"), os.path.join(folder, ".unfinished")
        if os.path.exists(data):
            raise ReplayError(f"there is a data set already in {folder}: choose another name, or delete it")
        os.makedirs(folder, exist_ok=True)
        shutil.rmtree(unfinished, ignore_errors=True)
        try:
            storage = MinariStorage.new(unfinished, *spaces, data_format=data_format, jpeg_encoding=False)
            storage.update_metadata({"dataset_id": name, "minari_version": minari.__version__})
            write_episodes(
                storage, sources, lambda each: seat in (None, each.number) and agent in (None, each.agent_id)
            )
            os.rename(unfinished, data)
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise
        return minari.MinariDataset(data)
    except ImportError as error:
        raise ImportError(
            f"to_minari needs a package that is not installed ({error}): "
            "pip install 'minari[hdf5]>=0.5.4' pillow (with data_format arrow or parquet: pyarrow too)"
        ) from error


def plain(text: str) -> str:
    """Returns a text with nothing in it that a data set's name may not have."""
    return re.sub(r"[^-_\w]+", "_", text) or "_"


def write_episodes(storage: Any, sources: Sequence[ReplaySource], is_wanted: Callable[[Seat], bool]) -> None:
    """Writes the wanted episodes of all sources, a game at a time, and what the data set's metadata says about them."""
    from minari.data_collector import EpisodeBuffer

    count = 0
    agents: Set[str] = set()
    matches = []
    for source in sources:
        for game in source.games():
            check_spaces(sources[0].match, source.match)
            for seat in game.seats:
                if not is_wanted(seat) or not seat.acted.any():
                    continue
                episode = episode_of(game, seat)
                check_texts(storage.FORMAT, episode)
                storage.update_episodes([EpisodeBuffer(seed=game.environment_seed, **episode)])
                known: Dict[str, Any] = {
                    "match_id": source.match.match_id, "game": game.number, "seat": seat.number,
                    "agent_id": seat.agent_id,
                }  # fmt: skip
                if game.complete:
                    known.update(outcome=seat.outcome, score=seat.score)
                storage.update_episode_metadata([known], [count])
                agents.add(seat.agent_id)
                count += 1
        matches.append(match_summary(source.match))
    if count == 0:
        raise ReplayError("nothing to export: no seat or agent that was asked for has acted in any game")
    names = ", ".join(sorted(agents))
    storage.update_metadata(
        {
            "description": f"{count} episodes of {sources[0].match.environment} played in RL Arena by {names}.",
            "algorithm_name": names,
            "rl_arena": {"matches": matches},
        }
    )


def check_spaces(first: Match, other: Match) -> None:
    """Raises :class:`ReplayError` unless both matches have the same spaces."""
    for space in ("observation_space", "action_space"):
        if getattr(first, space) != getattr(other, space):
            raise ReplayError(
                f"{first.match_id} and {other.match_id} cannot be in one data set: each has an {space} of its own"
            )


def check_texts(data_format: str, episode: Dict[str, Any]) -> None:
    """Raises :class:`ReplayError` for what Minari's HDF5 files cannot hold."""
    if data_format != "hdf5":
        return

    def check(column: np.ndarray[Any, Any]) -> None:
        if column.dtype == object and any("\0" in text for text in column):
            raise ReplayError("HDF5 cannot hold a text with a zero character: use the data_format arrow")

    map_columns(check, episode["observations"])
    map_columns(check, episode["actions"])


def episode_of(game: Game, seat: Seat) -> Dict[str, Any]:
    """Returns a seat's part of a game as Minari's ``EpisodeBuffer`` names it."""
    at = np.flatnonzero(seat.acted)
    seen = np.append(at, game.steps)
    is_last = np.zeros(len(at), np.bool_)
    is_last[-1] = True

    def after(column: np.ndarray[Any, Any], empty: Any) -> List[Any]:
        return [empty, *column[at]]  # a list: what Minari's Arrow files hold as plain numbers and texts

    infos: Dict[str, Any] = {
        "step": after(np.arange(1, game.steps + 1), 0),
        "fault": after(seat.faults, np.uint8(0)),
        "think_time": after(seat.think_times, 0.0),
        "platform_stall": after(seat.platform_stalls, False),
        "forfeited": after(seat.forfeited, False),
        "note": [note.replace("\0", "\ufffd") for note in after(seat.notes, "")],  # HDF5 ends a text there
    }
    if seat.action_masks is not None:
        infos["action_mask"] = np.concatenate([seat.action_masks[at], np.zeros_like(seat.action_masks[:1])])
    return {
        "observations": map_columns(lambda column: column[seen], seat.observations),
        "actions": map_columns(lambda column: column[at], seat.actions),
        "rewards": np.add.reduceat(seat.rewards, at),
        "terminations": is_last & game.terminated,
        "truncations": is_last & (game.truncated or not game.terminated),
        "infos": infos,
    }

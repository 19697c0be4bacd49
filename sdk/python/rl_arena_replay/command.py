"""The command ``rl-arena-replay``."""

from __future__ import annotations

import argparse
import sys
from typing import Optional, Sequence

import numpy as np

from .errors import ReplayError
from .file import ReplayFile
from .minari_export import to_minari
from .model import Game, fault_name
from .parquet import to_parquet
from .reading import read_games


def print_summary(path: str) -> None:
    """Prints a replay in a few lines."""
    file = ReplayFile(path)
    games = [summary_line(game) for game in read_games(file)]
    match = file.match
    seed = "" if match.seed is None else f", seed {match.seed}"
    end = "" if file.has_end else "; the file breaks off"
    print(f"{match.match_id}: {match.environment}{seed}, {len(games)} of {match.planned_games} games{end}")
    for line in games:
        print(line)


def summary_line(game: Game) -> str:
    """Returns a game in a line: its seats, what became of them, and their faults."""
    seats = []
    for seat in game.seats:
        numbers, counts = np.unique(seat.faults[seat.faults != 0], return_counts=True)
        faults = "".join(f", {count} {fault_name(int(number))}" for number, count in zip(numbers, counts))
        end = "" if seat.score is None else f" {seat.outcome} {seat.score:g}"
        seats.append(f"{seat.agent_id}{end}{faults}")
    reason = f" ({game.reason})" if game.reason else "" if game.complete else " (its end is missing)"
    return f"game {game.number}: {game.steps} steps: {'; '.join(seats)}{reason}"


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Runs the command with these arguments (default: the command line's); returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="rl-arena-replay", description="Reads RL Arena's replays. Without --to it prints what a file holds."
    )
    parser.add_argument("files", nargs="+", metavar="FILE", help="a replay; several for --to minari")
    parser.add_argument("--to", choices=["parquet", "minari"], help="what to export to")
    parser.add_argument("-o", "--out", metavar="OUT", help="the Parquet file, or the folder for Minari's data sets")
    parser.add_argument("--seat", type=int, help="minari: only this seat, from 0")
    parser.add_argument("--agent", metavar="ID", help="minari: only this agent")
    parser.add_argument("--dataset-id", metavar="ID", help="minari: the data set's name, such as pong/mine-v0")
    parser.add_argument(
        "--data-format", choices=["hdf5", "arrow", "parquet"], help="minari: how it stores the data set"
    )
    chosen = parser.parse_args(arguments)
    only_minari = {"--seat": chosen.seat, "--agent": chosen.agent, "--dataset-id": chosen.dataset_id,
                   "--data-format": chosen.data_format}  # fmt: skip
    if chosen.to is not None and chosen.out is None:
        parser.error(f"--to {chosen.to} needs -o OUT")
    if chosen.to is None and chosen.out is not None:
        parser.error("-o needs --to parquet or --to minari")
    if chosen.to != "minari":
        for option, value in only_minari.items():
            if value is not None:
                parser.error(f"{option} goes with --to minari")
        if chosen.to == "parquet" and len(chosen.files) > 1:
            parser.error("--to parquet takes one FILE")
    try:
        if chosen.to == "parquet":
            rows = to_parquet(chosen.files[0], chosen.out)
            print(f"{chosen.out}: {rows} rows")
        elif chosen.to == "minari":
            dataset = to_minari(
                chosen.files, chosen.out, dataset_id=chosen.dataset_id, seat=chosen.seat, agent=chosen.agent,
                data_format=chosen.data_format or "hdf5",
            )  # fmt: skip
            name = dataset.spec.dataset_id
            print(f"{name}: {dataset.total_episodes} episodes, {dataset.total_steps} steps")
            print(f"MINARI_DATASETS_PATH={chosen.out} makes minari.load_dataset({name!r}) find it")
        else:
            for path in chosen.files:
                print_summary(path)
    except (ReplayError, ImportError, OSError) as error:
        print(f"rl-arena-replay: {error}", file=sys.stderr)
        return 1
    return 0

#!/usr/bin/env python3
"""Plays a match on an executor, and says what came of it.

    make dev-run                                     # in one terminal
    pip install grpcio grpcio-tools
    python3 examples/run_sample_match.py             # in another

On a cluster, agents are images:

    python3 examples/run_sample_match.py --agents registry/agent1:v1 registry/agent2:v1
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import grpc

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Asks for the match, follows it, and prints its result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--address", default="127.0.0.1:50051", help="where the executor listens")
    parser.add_argument("--environment", default="pong")
    parser.add_argument(
        "--agents",
        nargs="+",
        default=[str(ROOT / "examples/agents" / name) for name in ("tracker", "predictor")],
        help="absolute paths of code on the executor's machine, or image references",
    )
    parser.add_argument("--match-id", default=f"sample-{int(time.time())}")
    parser.add_argument("--seed", type=int, help="everything random in the match follows from it")
    parser.add_argument("--timeout", type=int, default=300, help="time for the match in seconds")
    arguments = parser.parse_args()

    # Finds the API beside this file, whatever folder it is started in.
    sys.path.insert(0, str(ROOT / "proto"))
    messages, services = grpc.protos_and_services("executor.proto")
    agents = []
    for number, source in enumerate(arguments.agents, start=1):
        field = "code_url" if source.startswith(("/", "builtin:")) else "docker_image"
        agents.append(messages.AgentData(agent_id=f"agent{number}", version="1.0", **{field: source}))
    request = messages.MatchRequest(
        match_id=arguments.match_id,
        environment=arguments.environment,
        agents=agents,
        timeout_sec=arguments.timeout,
        record_replay=True,
        seed=arguments.seed,
    )
    with grpc.insecure_channel(arguments.address) as channel:
        executor = services.ExecutorStub(channel)
        result = executor.RunMatch.future(request, wait_for_ready=True)
        try:
            follow(executor, messages, request.match_id, result)
            response = result.result()
        except grpc.RpcError as error:
            print(f"{error.code().name}: {error.details()}", file=sys.stderr)
            return 1
    print(f"Match {response.match_id}: {messages.MatchStatus.Name(response.status)}")
    print(f"Winner: {response.winner_agent_id or 'none, a draw'}")
    for agent in response.agent_results:
        note = f" ({agent.error_message})" if agent.error_message else ""
        print(f"  {agent.agent_id}: score {agent.score:g}, {agent.errors} errors{note}")
    print(f"Steps: {response.total_steps} in {response.execution_time_sec:.2f} s, seed {response.seed}")
    for name, url in (
        ("Replay", response.recording.url),
        ("JSON", response.replay_url),
        ("Page", response.replay_html_url),
    ):
        if url:
            print(f"{name}: {url}")
    if response.error_message:
        print(response.error_message)
    return 0 if response.status == messages.STATUS_SUCCESS else 1


def follow(executor, messages, match_id: str, result: grpc.Future) -> None:
    """Prints what happens to the match until it is over, or refused."""
    while not result.done():
        try:
            for event in executor.WatchMatch(messages.WatchMatchRequest(match_id=match_id)):
                standing = " ".join(f"{score:g}" for score in event.progress.scores)
                steps = f" {event.progress.total_steps} steps, scores {standing}" if standing else ""
                print(f"{messages.MatchPhase.Name(event.phase).removeprefix('PHASE_').lower()}{steps}", file=sys.stderr)
            return
        except grpc.RpcError as error:
            # The match's own call may not have arrived yet.
            if error.code() not in (grpc.StatusCode.NOT_FOUND, grpc.StatusCode.UNAVAILABLE):
                raise
            time.sleep(0.1)


if __name__ == "__main__":
    sys.exit(main())

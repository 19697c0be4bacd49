#!/bin/sh
# Runs the orchestrator as it runs in a pod, with two example agents beside it, without a sandbox and with all logs.
set -eu
cd "$(dirname "$0")/.."

folder=$(mktemp -d /tmp/rl-arena-dev-XXXXXX)
trap 'kill $agents 2>/dev/null || true; rm -rf "$folder"' EXIT INT TERM
agents=""
cat >"$folder/config.json" <<JSON
{"match_id": "dev", "environment": "pong", "record_replay": true,
 "replay": {"dir": "replays"}, "termination_message": {"path": "$folder/result.json"},
 "agents": [{"agent_id": "tracker", "socket": "$folder/0.sock"}, {"agent_id": "predictor", "socket": "$folder/1.sock"}]}
JSON
mkdir -p replays
seat=0
for agent in tracker predictor; do
  RL_ARENA_SOCKET=$folder/$seat.sock python3 sdk/python/rl_arena_agent.py "examples/agents/$agent" &
  agents="$agents $!"
  seat=$((seat + 1))
done
.build/debug/orchestrator --config "$folder/config.json" --log-level debug

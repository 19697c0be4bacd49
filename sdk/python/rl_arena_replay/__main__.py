"""Runs the command: ``python3 -m rl_arena_replay``."""

import sys

from .command import main

sys.exit(main())

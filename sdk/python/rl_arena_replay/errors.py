"""What can be wrong with a replay."""

from __future__ import annotations


class ReplayError(Exception):
    """The file is no replay, or is damaged, or cannot be exported as asked. The text is a sentence for people."""

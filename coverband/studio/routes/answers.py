"""Answers that several operations have."""

from __future__ import annotations

from typing import TypedDict


class Empty(TypedDict):
    """Nothing: it is done."""


class Named(TypedDict):
    """Name of what was made, or has another name now."""

    name: str


class Queued(TypedDict):
    """Task that was added to the queue."""

    id: str

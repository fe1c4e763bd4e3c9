"""A survey with its advice, for the commands that make one."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

from pipelines.data.schema import DOMAINS
from pipelines.data.survey import cache, exclusion, tables
from pipelines.data.survey.advice import advise
from pipelines.data.survey.survey import Survey
from pipelines.data.survey.survey import survey as measured
from pipelines.numba_cache import compile_ahead


def survey(folders: Mapping[str, Path], jobs: int) -> Survey:
    """Measures two folders, or takes what is kept of them.

    Args:
        folders: of content and band.
        jobs: processes that measure.

    Raises:
        UserError: see `pipelines.data.survey.survey`.
        OSError: if the disk is full.
    """
    compile_ahead()
    return measured(folders, jobs, cache.folder())


class First:
    """The survey that comes before preparing."""

    def __init__(self, folders: Mapping[str, Path], jobs: int, drop: tuple[str, ...]) -> None:
        """Measures nothing yet.

        Args:
            folders: of content and band.
            jobs: processes that measure.
            drop: what to leave out, of `KINDS`.
        """
        self._folders, self._jobs, self._drop = folders, jobs, drop
        self._found: Survey | None = None

    def left_out(self) -> dict[str, dict[str, str]]:
        """Surveys; returns the songs to pass over and why, by domain and name."""
        found = survey(self._folders, self._jobs)
        gone = exclusion.left_out(found, self._drop)
        self._found = found.without(gone)
        return gone

    def advice(self) -> str:
        """Advice on the songs that were not left out, without what `prepare` reports itself; may be empty."""
        if self._found is None:
            return ""
        found = dataclasses.replace(self._found, unusable={domain: () for domain in DOMAINS})
        text = tables.advice(dataclasses.replace(advise(found), enough=()))
        return f"\n{text}\n" if text else ""

"""Check of two folders of songs before preparation: exclusions and advice from a dataset report."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

from pipelines.data.schema import DOMAINS
from pipelines.data.survey import tables
from pipelines.data.survey.advice import advise
from pipelines.data.survey.exclusion import excluded_songs
from pipelines.data.survey.survey import DatasetReport, survey


class PreparationCheck:
    """Dataset report that excludes songs from preparation and gives advice on the rest."""

    def __init__(self, folders: Mapping[str, Path], jobs: int, drop: tuple[str, ...]) -> None:
        """Stores the arguments without measuring.

        Args:
            folders: of content and band.
            jobs: number of worker processes.
            drop: kinds of songs to exclude, of KINDS.
        """
        self._folders, self._jobs, self._drop = folders, jobs, drop
        self._report: DatasetReport | None = None

    def excluded(self) -> dict[str, dict[str, str]]:
        """Surveys the folders; returns the songs to exclude and the reasons, by domain and name.

        Raises:
            UserError: see `survey`.
            OSError: if the disk is full.
        """
        report = survey(self._folders, self._jobs)
        excluded = excluded_songs(report, self._drop)
        self._report = report.without(excluded)
        return excluded

    def advice(self) -> str:
        """Advice on the remaining songs, without that which `prepare` itself gives; may be empty."""
        if self._report is None:
            return ""
        report = dataclasses.replace(self._report, unusable={domain: () for domain in DOMAINS})
        text = tables.advice(dataclasses.replace(advise(report), enough=()))
        return f"\n{text}\n" if text else ""

"""Check of two folders of songs before preparation: exclusions and advice from a dataset report."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

from pipelines.data.schema import DOMAINS, Skipped
from pipelines.data.survey import tables
from pipelines.data.survey.advice import advise
from pipelines.data.survey.exclusion import excluded_songs
from pipelines.data.survey.survey import DatasetReport, MeasuredSong, survey


class PreparationCheck:
    """Dataset report that excludes songs from preparation and gives advice on the rest."""

    def __init__(
        self,
        folders: Mapping[str, Path],
        jobs: int,
        drop: tuple[str, ...],
        *,
        instrumental_band: bool = False,
    ) -> None:
        """Stores the arguments without measuring.

        Args:
            folders: of content and band.
            jobs: number of worker processes.
            drop: kinds of songs to exclude, of KINDS.
            instrumental_band: true if the band's songs are prepared without their singer.
        """
        self._instrumental_band = instrumental_band
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
        songs = tuple(map(self._as_prepared, self._report.songs))
        unusable: dict[str, tuple[Skipped, ...]] = {domain: () for domain in DOMAINS}
        report = dataclasses.replace(self._report, songs=songs, unusable=unusable)
        text = tables.advice(dataclasses.replace(advise(report), enough=()))
        return f"\n{text}\n" if text else ""

    def _as_prepared(self, song: MeasuredSong) -> MeasuredSong:
        """Song without singing, if that is not prepared; the song itself was measured."""
        if song.domain != "band" or not self._instrumental_band:
            return song
        return dataclasses.replace(song, facts=dataclasses.replace(song.facts, voice=0.0))

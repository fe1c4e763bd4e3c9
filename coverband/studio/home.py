"""Folders of the Studio: plain folders that every command understands."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from coverband.studio.collection import Collection
from coverband.studio.covered_song import CoveredSong
from coverband.studio.names import require_name
from coverband.studio.song_folder import SongFolder
from pipelines.errors import UserError
from pipelines.nn.translator_card import CARD_FILE, STYLE_FILE
from pipelines.training.workdir import CONFIG_FILE, Workdir


@dataclasses.dataclass(frozen=True)
class Home:
    """Folder with all bands.

    Attributes:
        path: the folder. Inside it: bands/, content/ with the generic songs, tasks/, and removed/ and
            removed_bands/ with what was moved out.
    """

    path: Path

    @property
    def collection(self) -> Collection:
        """Folders of the bands."""
        return Collection(self.path / "bands", self.path / "removed_bands", "a band")

    @property
    def generic(self) -> SongFolder:
        """Generic songs, which all bands share."""
        return SongFolder(self.path / "content", self.path / "removed")

    @property
    def tasks(self) -> Path:
        """Folder of the tasks, see `tasks.TaskStore`."""
        return self.path / "tasks"

    @property
    def bands(self) -> list[Band]:
        """Bands by name."""
        return [Band(self.collection.path / name) for name in self.collection.names()]

    @property
    def all_runs(self) -> list[Path]:
        """Workdirs of the runs of all bands."""
        return [band.run(run) for band in self.bands for run in band.runs]

    def band(self, name: object) -> Band:
        """A band that exists.

        Raises:
            UserError: if it does not.
        """
        band = Band(self.collection.member(name))
        if not band.path.is_dir():
            raise UserError(f"there is no band {band.name}")
        return band

    def create(self, name: object) -> Band:
        """A new band.

        Raises:
            UserError: if the name is not possible, or there is such a band.
        """
        band = Band(self.collection.require_new(name))
        band.songs.songs.mkdir(parents=True)
        return band


@dataclasses.dataclass(frozen=True)
class Band:
    """Folder of a band.

    Attributes:
        path: the folder. Inside it: songs/, data/ by `coverband prepare`, runs/, covers/, reports/, exports/,
            survey.json, and removed/, removed_runs/ and removed_covers/ with what was moved out.
    """

    path: Path

    @property
    def name(self) -> str:
        """Name of the band."""
        return self.path.name

    @property
    def songs(self) -> SongFolder:
        """Songs of the band."""
        return SongFolder(self.path / "songs", self.path / "removed")

    @property
    def data(self) -> Path:
        """Data folder of all runs."""
        return self.path / "data"

    @property
    def survey(self) -> Path:
        """JSON report of `coverband survey`; it need not exist."""
        return self.path / "survey.json"

    @property
    def run_collection(self) -> Collection:
        """Workdirs of the runs, with their reports and exports."""
        beside = (self.path / "reports", self.path / "exports")
        return Collection(self.path / "runs", self.path / "removed_runs", "a model", beside=beside)

    @property
    def runs(self) -> list[str]:
        """Names of the runs, the newest last."""
        return sorted(self.run_collection.names(), key=lambda name: _began(self.path / "runs" / name))

    def run(self, name: object) -> Path:
        """Workdir of a run, which need not exist."""
        return self.run_collection.member(name)

    def trained_run(self, name: object) -> Path:
        """Workdir of a run with a translator.

        Raises:
            UserError: if it has none yet.
        """
        run = self.run(name)
        if not (Workdir(run).translator / CARD_FILE).is_file():
            raise UserError(f"{run.name} has learnt nothing yet that could play: wait for its first save")
        return run

    def model(self, name: object) -> Path:
        """Model of a run that is used: its best one, where that is not the newest.

        Raises:
            UserError: if the run has none yet.
        """
        run = self.trained_run(name)
        record = best(run)
        return Workdir(run).best if record and record["step"] != card(run).get("steps") else run

    def report(self, run: object) -> Path:
        """Folder of the report of `coverband evaluate` on a run, which need not exist."""
        return self.path / "reports" / require_name(run, "a model")

    def export(self, run: object) -> Path:
        """Folder of a run's export, which need not exist."""
        return self.path / "exports" / require_name(run, "a model")

    @property
    def song_collection(self) -> Collection:
        """Folders of the songs with covers."""
        return Collection(self.path / "covers", self.path / "removed_covers", "a song")

    @property
    def covered_songs(self) -> list[CoveredSong]:
        """Songs with covers, the newest first."""
        folder = self.song_collection
        found = [CoveredSong(folder.path / name) for name in folder.names()]
        return sorted((song for song in found if song.source), key=lambda song: -song.path.stat().st_mtime)

    def covered_song(self, title: object) -> CoveredSong:
        """A song to cover.

        Raises:
            UserError: if there is no such song.
        """
        song = CoveredSong(self.song_collection.member(title))
        if song.source is None:
            raise UserError(f"there is no song {song.title}")
        return song

    def new_covered_song(self, file_name: str) -> CoveredSong:
        """Folder for another song to cover, which exists no longer than until the next call without a source.

        Args:
            file_name: by `names.song_file_name`.
        """
        title = require_name(Path(file_name).stem[:60].strip(" .-") or "song", "a song")
        number = 1
        while True:
            song = CoveredSong(self.path / "covers" / (title if number == 1 else f"{title} ({number})"))
            try:
                song.path.mkdir(parents=True)
                return song
            except FileExistsError:
                number += 1


def card(run: Path) -> Mapping[str, Any]:
    """Card of a run's translator; empty if there is none."""
    return read_json(Workdir(run).translator / CARD_FILE)


def takes_style(run: Path) -> bool:
    """True if a run's model can take the style of other recordings."""
    return (Workdir(run).translator / STYLE_FILE).is_file()


def best(run: Path) -> Mapping[str, Any] | None:
    """Record of a run's best translator: its metric, value and step; None if it keeps none."""
    workdir = Workdir(run)
    record = read_json(workdir.best_record)
    is_whole = all(record.get(key) is not None for key in ("metric", "value", "step"))
    return record if is_whole and (workdir.best / CARD_FILE).is_file() else None


def read_json(path: Path) -> dict[str, Any]:
    """JSON object in a file; empty if it is missing or damaged."""
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _began(run: Path) -> float:
    """Time at which a run has begun, seconds since 1970; 0 for a folder that is none."""
    config = run / CONFIG_FILE
    return config.stat().st_mtime if config.is_file() else 0.0

"""Data of the public API: preparation and survey of two folders of songs."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from coverband.api.sounds import PathLike
from pipelines import console
from pipelines.audio.spec import AudioSpec
from pipelines.audio.spec_validation import require_valid
from pipelines.data import preparation, summary
from pipelines.data.accompaniments import Accompaniments
from pipelines.data.corpus import Corpus
from pipelines.data.loader import open_corpus
from pipelines.data.schema import Settings
from pipelines.data.survey.survey import DatasetReport
from pipelines.data.survey.survey import survey as survey_folders
from pipelines.stems.separation import opened
from pipelines.stems.separators import AUTO, SeparatorFunction


def prepare(
    *,
    content: PathLike,
    band: PathLike,
    out: PathLike,
    spec: AudioSpec | None = None,
    jobs: int | None = None,
    instrumental_of_band: PathLike | None = None,
    separator: str | SeparatorFunction | None = None,
) -> Corpus:
    """Converts two folders of songs into a data folder, as `coverband prepare` does, and opens it.

        data = coverband.prepare(content="songs/", band="my_band/", out="data/")
        data.songs("band", "train")

    After an interruption, or when songs were added, the same call continues and keeps what is finished.

    Args:
        content: folder of generic songs, in any format that FFmpeg reads.
        band: folder of the band's songs; the two share no song.
        out: data folder; created if it does not exist.
        spec: sample rate and resolution of the spectrograms; None for the default.
        jobs: number of processes that decode; None for one per core.
        instrumental_of_band: folder of stems, or "auto" for those beside the songs, to prepare the band's
            songs without their singer; None for whole songs.
        separator: of the band's songs without a stem, see `TrainedModel.translate`; None to leave them out.

    Raises:
        UserError: for folders that cannot be used, an `out` with other settings, or no usable song.
    """
    spec = spec or AudioSpec()
    require_valid(spec)
    sources = {"content": Path(content), "band": Path(band)}
    with contextlib.ExitStack() as stack:
        stems = None
        if instrumental_of_band is not None:
            folder = None if instrumental_of_band == AUTO else Path(instrumental_of_band)
            separation = stack.enter_context(opened(separator, "separator=")) if separator else None
            stems = Accompaniments.from_folders(sources["band"], folder, separation)
        manifest = preparation.prepare(
            sources, Path(out), Settings(spec), jobs or os.cpu_count() or 1, accompaniments=stems
        )
    for sentence in summary.warnings(manifest):
        console.say(f"warning: {sentence}")
    return open_corpus(Path(out))


def survey(*, content: PathLike, band: PathLike, jobs: int | None = None) -> DatasetReport:
    """Measures two folders of songs before training, as `coverband survey` does.

        report = coverband.survey(content="songs/", band="my_band/")
        [(pair.first.label, pair.second.label) for pair in report.duplicates]

    Measurements are kept in the user's cache folder. `pipelines.data.survey.advice.advise` gives advice on a
    report.

    Args:
        content: folder of generic songs.
        band: folder of the band's songs.
        jobs: number of processes that measure; None for one per core.

    Returns:
        The measured songs of both folders, their duplicates, and the files that cannot be used.

    Raises:
        UserError: if a folder cannot be used, or has not a single readable song.
    """
    sources = {"content": Path(content), "band": Path(band)}
    return survey_folders(sources, jobs or os.cpu_count() or 1)

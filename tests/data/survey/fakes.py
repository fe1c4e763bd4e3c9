"""Dataset reports without audio."""

import dataclasses
from pathlib import Path

import numpy as np

from pipelines.audio.song_files import SongFiles
from pipelines.data.survey.bandwidth import CENTRES
from pipelines.data.survey.song_facts import SongFacts
from pipelines.data.survey.survey import DatasetReport, Duplicate, MeasuredSong

FACTS = SongFacts(
    seconds=180.0,
    codec="MP3",
    lossy=True,
    sample_rate=44100,
    silence=0.0,
    lead_in=0.0,
    lead_out=0.0,
    clipping=0.0,
    peak=0.9,
    loudness=-14.0,
    bandwidth=16000.0,
    cut_off=True,
    width_db=-10.0,
    tempo=120.0,
    tuning=0.0,
    voice=0.02,
)


def song(domain, name, **facts):
    curve = np.where(CENTRES < 16000, -20 * np.log10(CENTRES / 1000), np.nan).astype(np.float32)
    return MeasuredSong(domain, name, dataclasses.replace(FACTS, **facts), curve)


def songs(domain, count, **facts):
    """Songs with the default facts; a list gives one value per song."""
    return [
        song(domain, f"{index}.mp3", **{k: v[index] if isinstance(v, list) else v for k, v in facts.items()})
        for index in range(count)
    ]


def report(content, band, duplicates=(), unusable=None):
    pairs = tuple(Duplicate(first, second, 0.5, 0.0) for first, second in duplicates)
    folders = {"content": "songs", "band": "my band"}
    found = {domain: SongFiles(Path(folder), (), {}) for domain, folder in folders.items()}
    return DatasetReport(
        folders, (*content, *band), {"content": (), "band": (), **(unusable or {})}, pairs, found
    )

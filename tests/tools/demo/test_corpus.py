"""Demo corpus of the repository, compared with its catalogue."""

import collections
import itertools
import json

import numpy as np
import pytest
import soundfile

from tools.demo import DEMO_SONGS, plan, render
from tools.rendering import chroma

FOLDER = DEMO_SONGS
ROWS = json.loads((FOLDER / render.CATALOGUE).read_text(encoding="utf-8"))
PIECES = sorted({row["piece"] for row in ROWS if row["split"] == "truth"})


def _read(path, seconds=None):
    with soundfile.SoundFile(FOLDER / path) as song:
        frames = -1 if seconds is None else int(seconds * song.samplerate)
        return song.read(frames, dtype="float32", always_2d=True)


def _of(split):
    return [row for row in ROWS if row["split"] == split]


def test_catalogue_describes_the_files():
    files = {path.relative_to(FOLDER).as_posix(): path for path in FOLDER.rglob("*.ogg")}
    assert files.keys() == {row["path"] for row in ROWS}
    for row in ROWS:
        info = soundfile.info(files[row["path"]])
        assert (info.samplerate, info.channels, info.subtype) == (44100, 2, "VORBIS")
        assert info.frames / info.samplerate == pytest.approx(row["seconds"], abs=1e-3)
        assert files[row["path"]].stat().st_size == row["bytes"]


def test_whole_folder_takes_at_most_20_megabytes():
    assert sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file()) <= 20e6


@pytest.mark.parametrize("split", ["content", "band"])
def test_each_domain_has_ten_minutes_of_songs_of_half_a_minute(split):
    seconds = [row["seconds"] for row in _of(split)]
    assert 9.5 <= sum(seconds) / 60 <= 12
    assert 25 <= min(seconds) <= max(seconds) <= 60


def test_domains_have_equal_tempi_and_loudness():
    medians = [
        [np.median([row[key] for row in _of(split)]) for split in ("content", "band")]
        for key in ("tempo", "rms")
    ]
    assert np.allclose(*np.transpose(medians), rtol=0.12)


def test_soloists_have_equal_numbers_of_songs():
    count = collections.Counter(row["instrument"] for row in _of("content"))
    assert count.keys() == plan.SOLOISTS.keys()
    assert set(count.values()) == {3}
    assert {row["instrument"] for row in _of("band")} == {"band"}


def test_no_piece_is_in_two_splits():
    pieces = [{row["piece"] for row in _of(split)} for split in render.SPLITS]
    titles = [{row["title"].casefold() for row in _of(split)} for split in render.SPLITS]
    for one, other in [*itertools.combinations(pieces, 2), *itertools.combinations(titles, 2)]:
        assert not one & other
    assert [len(found) for found in pieces] == [21, 21, 3]


@pytest.mark.parametrize("piece", PIECES)
def test_pairs_are_aligned_recordings_of_the_same_notes(piece):
    source, band = (_read(f"truth/{piece}.{who}.ogg") for who in ("source", "band"))
    assert source.shape == band.shape
    chromas = [chroma.of_recording(song[44100 * 5 : 44100 * 20], 44100) for song in (source, band)]
    assert chroma.similarity(*chromas) >= 0.8
    # A delay of half a second lowers the similarity: the recordings are aligned.
    late = np.roll(chromas[1], round(0.5 * 22050 / 512), axis=1)
    assert chroma.similarity(chromas[0], late) < chroma.similarity(*chromas) - 0.05


def test_no_recording_is_silent_clips_or_sounds_on_one_side():
    for row in ROWS:
        samples = _read(row["path"], seconds=6)
        left, right = np.sqrt(np.mean(samples**2, axis=0))
        assert min(left, right) > 0.02
        assert abs(20 * np.log10(left / right)) < 3
        assert np.abs(samples).max() < 0.98
        assert not np.array_equal(samples[:, 0], samples[:, 1])

import json
import os
import subprocess
import sys
import time

import librosa
import numpy as np
import pyloudnorm
import pytest

from pipelines.data.survey import cache as store
from pipelines.data.survey.measurement import measure
from pipelines.data.survey.song_facts import SongMeasurements
from pipelines.errors import UserError
from tests.data.survey.sounds import RATE, music, write


@pytest.fixture(scope="module")
def stereo():
    left = music(5, 6.0)
    return np.stack([left, 0.5 * np.roll(left, 300)], axis=1)


@pytest.fixture(scope="module")
def measured(stereo, tmp_path_factory):
    return measure(write(tmp_path_factory.mktemp("song") / "song.flac", stereo, subtype="PCM_24"))


def test_facts(measured, stereo):
    facts = measured.facts
    assert (facts.codec, facts.lossy, facts.sample_rate, facts.image) == (
        "FLAC 24 bit",
        False,
        RATE,
        "stereo",
    )
    assert facts.seconds == 6.0
    assert facts.loudness == pytest.approx(pyloudnorm.Meter(RATE).integrated_loudness(stereo), abs=0.01)
    assert facts.peak == pytest.approx(np.abs(stereo).max(), abs=1e-4)
    expected = librosa.estimate_tuning(y=stereo.mean(axis=1), sr=RATE, fmin=150, fmax=4000)
    assert facts.tuning == pytest.approx(100 * expected, abs=3)
    assert (facts.clipping, facts.silence < 0.2) == (0.0, True)


def test_saved_measurements_are_loaded(measured, tmp_path):
    measured.save(tmp_path / "kept.npz")
    again = SongMeasurements.load(tmp_path / "kept.npz")
    assert again.facts == measured.facts
    np.testing.assert_array_equal(again.curve, measured.curve)
    np.testing.assert_array_equal(again.landmarks.hashes, measured.landmarks.hashes)
    assert [path.name for path in tmp_path.iterdir()] == ["kept.npz"]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut", b"no file at all"])
def test_damaged_measurements_are_ignored(tmp_path, content):
    (tmp_path / "kept.npz").write_bytes(content)
    assert SongMeasurements.load(tmp_path / "kept.npz") is None
    assert SongMeasurements.load(tmp_path / "missing.npz") is None


def test_silence_has_no_loudness_no_tempo_no_spectrum(tmp_path):
    facts = measure(write(tmp_path / "silent.wav", np.zeros((2 * RATE, 2)))).facts
    assert (facts.loudness, facts.tempo, facts.tuning, facts.bandwidth) == (None, None, None, 0)
    assert facts.silence == 1.0
    assert json.dumps(facts.__dict__, allow_nan=False)


def test_lossy_codecs_are_named(tmp_path, stereo):
    facts = measure(write(tmp_path / "song.mp3", stereo[:RATE], format="MP3", subtype="MPEG_LAYER_III")).facts
    assert (facts.codec, facts.lossy) == ("MP3", True)


def test_shorter_than_a_frame(tmp_path):
    facts = measure(write(tmp_path / "short.wav", music(1, 1.0)[:500])).facts
    assert (facts.tempo, facts.bandwidth) == (None, 0)


def test_unreadable_files_are_errors(tmp_path):
    (tmp_path / "broken.mp3").write_bytes(b"no song" * 50)
    with pytest.raises(UserError, match="is not a readable audio file"):
        measure(tmp_path / "broken.mp3")


def test_entries_change_with_the_song(tmp_path):
    song = write(tmp_path / "song.wav", music(1, 1.0))
    before = store.entry(tmp_path, song)
    assert store.entry(tmp_path, song) == before
    write(song, music(2, 1.5))
    assert store.entry(tmp_path, song) != before
    song.unlink()
    with pytest.raises(FileNotFoundError):
        store.entry(tmp_path, song)


def test_the_cache_is_in_the_users_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert store.folder() == tmp_path / "coverband" / "survey"
    assert store.folder().is_dir()
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert store.folder().is_dir()


def test_unused_measurements_are_removed(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    cache, song = store.folder(), write(tmp_path / "song.wav", music(1, 1.0))
    used, unused, killed = store.entry(cache, song), cache / "other.npz", cache / ".third.npz.1.part"
    long_ago = time.time() - (store.KEPT_DAYS + 1) * 24 * 3600
    for path in (used, unused, killed):
        path.write_bytes(b"")
        os.utime(path, (long_ago, long_ago))
    recent = cache / "recent.npz"
    recent.write_bytes(b"")
    assert store.entry(cache, song) == used
    assert store.folder() == cache
    assert set(cache.iterdir()) == {used, recent}


def test_workers_start_without_tensorflow():
    code = "import sys, pipelines.data.survey.survey; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=60, check=False).returncode == 0

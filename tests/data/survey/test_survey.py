import shutil

import numpy as np
import pytest

from pipelines.data.survey import exclusion
from pipelines.data.survey import survey as module
from pipelines.data.survey.survey import survey
from pipelines.errors import UserError
from tests.data.survey.sounds import RATE, music, write


@pytest.fixture
def folders(tmp_path):
    for seed in (1, 2):
        write(tmp_path / f"content/sub/{seed}.wav", music(seed, 6.0))
        write(tmp_path / f"band/{seed}.wav", music(10 + seed, 6.0))
    return {"content": tmp_path / "content", "band": tmp_path / "band"}


@pytest.fixture
def cache(tmp_path):
    (tmp_path / "cache").mkdir()
    return tmp_path / "cache"


@pytest.fixture
def measured(monkeypatch):
    """Replaces the worker pool by a loop in this process; returns the list of measured songs."""
    done = []

    def run(function, tasks, jobs):
        for task in tasks:
            done.append(task.name)
            try:
                yield task, function(task)
            except Exception as error:
                yield task, error

    monkeypatch.setattr(module.worker_pool, "run", run)
    return done


@pytest.mark.slow
def test_a_survey_in_worker_processes_with_a_damaged_file(folders, cache):
    (folders["band"] / "broken.mp3").write_bytes(b"no song" * 50)
    found = survey(folders, 2, cache)
    assert [song.label for song in found.songs] == [
        "content/sub/1.wav",
        "content/sub/2.wav",
        "band/1.wav",
        "band/2.wav",
    ]
    assert found.unusable["content"] == ()
    assert [item.file for item in found.unusable["band"]] == ["broken.mp3"]
    assert found.unusable["band"][0].why.startswith("is not a readable audio file")
    assert found.duplicates == ()


def test_an_interrupted_survey_resumes(folders, cache, measured, monkeypatch, capsys):
    original = module.SongMeasurements.save

    def save(self, path):
        original(self, path)
        if len(measured) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(module.SongMeasurements, "save", save)
    with pytest.raises(KeyboardInterrupt):
        survey(folders, 1, cache)
    monkeypatch.setattr(module.SongMeasurements, "save", original)
    whole = survey(folders, 1, cache)
    assert measured == ["sub/1.wav", "sub/2.wav", "1.wav", "2.wav"]
    assert len(whole.songs) == 4
    assert "3 of 4 songs were measured by an earlier run" in capsys.readouterr().err
    write(folders["band"] / "1.wav", music(99, 3.0))
    assert survey(folders, 1, cache).songs_of("band")[0].facts.seconds == 3.0
    assert measured[4:] == ["1.wav"]


def test_a_song_that_vanishes_is_reported(folders, cache, measured, monkeypatch):
    original = module.song_cache.entry

    def vanish(folder, song):
        (folders["content"] / "sub/2.wav").unlink(missing_ok=True)
        return original(folder, song)

    monkeypatch.setattr(module.song_cache, "entry", vanish)
    found = survey(folders, 1, cache)
    assert [(item.file, item.why) for item in found.unusable["content"]] == [
        ("sub/2.wav", "is gone: it was moved or removed meanwhile")
    ]


def test_folders_without_a_usable_song(folders, cache, measured, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="empty is an empty folder"):
        survey({**folders, "band": tmp_path / "empty"}, 1, cache)
    with pytest.raises(UserError, match="are the same folder"):
        survey({**folders, "band": folders["content"]}, 1, cache)
    for path in folders["band"].iterdir():
        path.write_bytes(b"")
    with pytest.raises(UserError, match=r"no file in .*band can be used: 1\.wav is empty"):
        survey(folders, 1, cache)


def test_a_full_disk_ends_the_survey(folders, cache, measured, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module.SongMeasurements, "save", full)
    with pytest.raises(OSError, match="No space left"):
        survey(folders, 1, cache)


def test_excluded_and_kept_songs(folders, cache, measured):
    content, band = folders["content"], folders["band"]
    write(band / "copy.mp3", music(11, 6.0), format="MP3", subtype="MPEG_LAYER_III")
    write(content / "of the band.flac", 0.5 * music(12, 6.0))
    write(content / "part.wav", music(1, 6.0)[RATE : 5 * RATE])
    write(content / "still.wav", np.concatenate([music(3, 2.0), np.zeros(4 * RATE, np.float32)]))
    shutil.copy(band / "2.wav", band / "other.wav")
    found = survey(folders, 1, cache)
    gone = exclusion.excluded_songs(found)
    assert gone["content"].pop("still.wav").startswith("is silent for 7")
    assert gone["content"] == {
        "of the band.flac": "is the same recording as band/2.wav",
        "part.wav": "is the same recording as content/sub/1.wav",
    }
    assert gone["band"] == {
        "copy.mp3": "is the same recording as band/1.wav",
        "other.wav": "is the same recording as band/2.wav",
    }
    assert list(exclusion.excluded_songs(found, ("silence",))["content"]) == ["still.wav"]
    rest = found.without(exclusion.excluded_songs(found))
    assert [song.label for song in rest.songs_of("band")] == ["band/1.wav", "band/2.wav"]
    assert rest.duplicates == ()
    assert exclusion.excluded_songs(rest) == {"content": {}, "band": {}}

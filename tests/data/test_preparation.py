import dataclasses
import json
import os

import numpy as np
import pytest

from pipelines.data import executors, preparation, shards
from pipelines.data.augmented_copies import CopyConfig
from pipelines.data.corpus import Corpus
from pipelines.data.excerpts import middle_excerpt
from pipelines.data.preparation import prepare
from pipelines.data.schema import Manifest
from pipelines.errors import UserError
from tests.data.conftest import write_tone


@pytest.fixture
def sources(tmp_path):
    for index in range(3):
        write_tone(tmp_path / f"content/sub/{index}.wav", 300 + 100 * index, rate=22050, channels=2)
        write_tone(tmp_path / f"band/{index}.flac", 500 + 100 * index, rate=4000)
    return {"content": tmp_path / "content", "band": tmp_path / "band"}


def test_bad_files_are_skipped(sources, tmp_path, settings, capsys):
    (sources["content"] / "text.mp3").write_text("no song " * 100)
    (sources["content"] / "zero.wav").write_bytes(b"")
    write_tone(sources["band"] / "silence.wav", 440, level=0.0)
    manifest = prepare(sources, tmp_path / "out", settings, jobs=2)
    assert Corpus.load(tmp_path / "out").manifest == manifest
    content, band = manifest.domains["content"], manifest.domains["band"]
    assert [song.name for song in content.songs] == ["sub/0.wav", "sub/1.wav", "sub/2.wav"]
    assert sorted(song.split for song in band.songs) == ["train", "train", "valid"]
    assert [item.file for item in content.skipped] == ["text.mp3", "zero.wav"]
    assert "silent" in band.skipped[0].why
    error = capsys.readouterr().err
    assert f"skipped: {sources['content'] / 'zero.wav'} is empty" in error
    assert not list((tmp_path / "out").rglob("*.pcm"))


def test_a_second_run_prepares_only_changed_songs(sources, tmp_path, settings, in_process, monkeypatch):
    first = prepare(sources, tmp_path / "out", settings, jobs=1)
    written = []
    original = shards.write_shard
    monkeypatch.setattr(shards, "write_shard", lambda task, n: written.append(task.name) or original(task, n))
    assert prepare(sources, tmp_path / "out", settings, jobs=1) == first
    assert written == []
    write_tone(sources["band"] / "1.flac", 777, seconds=4.0)
    (sources["band"] / "2.flac").unlink()
    second = prepare(sources, tmp_path / "out", settings, jobs=1)
    assert written == ["1.flac"]
    assert [song.name for song in second.domains["band"].songs] == ["0.flac", "1.flac"]
    files = sorted(path.name for path in (tmp_path / "out/band").glob("*.tfrecord"))
    assert files == sorted(song.shard.split("/")[1] for song in second.domains["band"].songs)


def test_an_interrupted_run_leaves_no_manifest_and_is_resumed(
    sources, tmp_path, settings, in_process, monkeypatch
):
    out, original, written = tmp_path / "out", shards.write_shard, []
    whole = prepare(sources, tmp_path / "whole", settings, jobs=1)

    def stop_at_the_fourth(task, normalisation):
        if len(written) == 3:
            raise KeyboardInterrupt
        written.append(task.name)
        return original(task, normalisation)

    monkeypatch.setattr(shards, "write_shard", stop_at_the_fourth)
    with pytest.raises(KeyboardInterrupt):
        prepare(sources, out, settings, jobs=1)
    assert not (out / "manifest.json").exists()
    assert not list(out.rglob("*.pcm"))
    monkeypatch.setattr(shards, "write_shard", original)
    assert prepare(sources, out, settings, jobs=1) == whole


def test_a_full_disk_ends_the_run(sources, tmp_path, settings, in_process, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(executors, "normalise", full)
    with pytest.raises(OSError, match="No space left"):
        prepare(sources, tmp_path / "out", settings, jobs=1)
    assert not (tmp_path / "out/manifest.json").exists()


def test_other_settings_into_the_same_folder(sources, tmp_path, settings, in_process):
    prepare(sources, tmp_path / "out", settings, jobs=1)
    louder = dataclasses.replace(settings, target_lufs=-14.0)
    with pytest.raises(UserError, match=r"target_lufs -23\.0 against -14\.0"):
        prepare(sources, tmp_path / "out", louder, jobs=1)
    finer = dataclasses.replace(settings, spec=dataclasses.replace(settings.spec, n_mels=80))
    with pytest.raises(UserError, match="n_mels"):
        prepare(sources, tmp_path / "out", finer, jobs=1)
    assert Manifest.load(tmp_path / "out").settings == settings


def test_folders_that_cannot_be_used(sources, tmp_path, settings):
    content, band, out = sources["content"], sources["band"], tmp_path / "out"
    (tmp_path / "empty").mkdir()
    os.symlink(band, tmp_path / "link")
    (tmp_path / "file").write_text("x")
    for one, other, target, expected in [
        (content, tmp_path / "empty", out, "empty is an empty folder"),
        (content, tmp_path / "nowhere", out, "nowhere does not exist"),
        (band, tmp_path / "link", out, "are the same folder"),
        (content, content / "sub", out, "sub lies inside"),
        (content, band, band / "out", "lies inside the songs"),
        (content, band, tmp_path, "would write its shards among the songs"),
        (content, band, tmp_path / "file", "cannot be made"),
    ]:
        with pytest.raises(UserError, match=expected):
            prepare({"content": one, "band": other}, target, settings, jobs=1)


def test_nothing_readable_names_the_reason(sources, tmp_path, settings, in_process):
    for path in sources["band"].iterdir():
        path.write_bytes(b"")
    with pytest.raises(UserError, match=r"no file in .*band can be used: 0\.flac is empty"):
        prepare(sources, tmp_path / "out", settings, jobs=1)


def test_a_run_that_prepared_nothing_does_not_bind_the_next(sources, tmp_path, settings, in_process):
    songs = [path for folder in sources.values() for path in folder.rglob("*") if path.is_file()]
    whole = {path: path.read_bytes() for path in songs}
    for path in songs:
        path.write_bytes(b"")
    with pytest.raises(UserError, match="can be used"):
        prepare(sources, tmp_path / "out", settings, jobs=1)
    for path, data in whole.items():
        path.write_bytes(data)
    finer = dataclasses.replace(settings, spec=dataclasses.replace(settings.spec, n_mels=80))
    assert prepare(sources, tmp_path / "out", finer, jobs=1).settings == finer


def test_one_run_at_a_time(sources, tmp_path, settings):
    with preparation._locked(tmp_path / "out", settings), pytest.raises(UserError, match="another"):
        prepare(sources, tmp_path / "out", settings, jobs=1)


def test_the_spec_is_saved_with_the_shards(sources, tmp_path, settings, in_process):
    prepare(sources, tmp_path / "out", settings, jobs=1)
    assert json.loads((tmp_path / "out/audio_spec.json").read_text()) == settings.spec.to_dict()


COPIES = CopyConfig(count=2, semitones=2.0)


def test_only_training_songs_of_the_band_have_copies(sources, tmp_path, settings, in_process):
    plain = prepare(sources, tmp_path / "plain", settings, jobs=1)
    manifest = prepare(sources, tmp_path / "out", settings, jobs=1, copies=COPIES)
    band = manifest.domains["band"]
    assert manifest.domains["content"] == plain.domains["content"]
    assert band.songs == plain.domains["band"].songs
    trained = {song.name for song in band.songs if song.split == "train"}
    assert sorted(copy.copy_of for copy in band.copies) == sorted([*trained, *trained])
    for copy in band.copies:
        assert copy.split == "train"
        assert copy.name.startswith(f"{copy.copy_of} (")
        original = next(song for song in band.songs if song.name == copy.copy_of)
        assert copy.seconds == pytest.approx(original.seconds / copy.tempo, abs=0.01)
        assert copy.loudness + copy.gain_db == pytest.approx(settings.target_lufs, abs=0.02)
    assert Manifest.load(tmp_path / "out") == manifest


def test_copies_have_the_pitch_of_their_records(sources, tmp_path, settings, in_process):
    prepare(sources, tmp_path / "out", settings, jobs=1, copies=COPIES)
    corpus = Corpus.load(tmp_path / "out")
    for copy in corpus.manifest.domains["band"].copies:
        waveform = middle_excerpt(corpus, copy, segments=9)
        hertz = (500 + 100 * int(copy.copy_of[0])) * 2 ** (copy.semitones / 12)
        spectrum = np.abs(np.fft.rfft(waveform * np.hanning(len(waveform))))
        found = np.fft.rfftfreq(len(waveform), 1 / 8000)[spectrum.argmax()]
        assert 1200 * abs(np.log2(found / hertz)) < 10


def test_another_number_of_copies_prepares_only_new_ones(
    sources, tmp_path, settings, in_process, monkeypatch
):
    written, original = [], shards.write_shard
    monkeypatch.setattr(shards, "write_shard", lambda task, n: written.append(task) or original(task, n))
    first = prepare(sources, tmp_path / "out", settings, jobs=1, copies=COPIES)
    assert len(written) == 6 + 4
    assert prepare(sources, tmp_path / "out", settings, jobs=1, copies=COPIES) == first
    assert len(written) == 10
    prepare(sources, tmp_path / "out", settings, jobs=1, copies=CopyConfig(count=3, semitones=2.0))
    assert len(written) == 12
    none = prepare(sources, tmp_path / "out", settings, jobs=1)
    assert none.domains["band"].copies == ()
    assert len(list((tmp_path / "out/band").glob("*.tfrecord"))) == 3


def test_an_interruption_during_copies_is_resumed(sources, tmp_path, settings, in_process, monkeypatch):
    whole = prepare(sources, tmp_path / "whole", settings, jobs=1, copies=COPIES)
    original, written = shards.write_shard, []

    def stop_at_the_second_copy(task, normalisation):
        if len(written) == 7:
            raise KeyboardInterrupt
        written.append(task)
        return original(task, normalisation)

    monkeypatch.setattr(shards, "write_shard", stop_at_the_second_copy)
    with pytest.raises(KeyboardInterrupt):
        prepare(sources, tmp_path / "out", settings, jobs=1, copies=COPIES)
    assert not (tmp_path / "out/manifest.json").exists()
    monkeypatch.setattr(shards, "write_shard", original)
    assert prepare(sources, tmp_path / "out", settings, jobs=1, copies=COPIES) == whole


def test_a_band_of_one_song_has_copies(sources, tmp_path, settings, in_process):
    for name in ("1.flac", "2.flac"):
        (sources["band"] / name).unlink()
    prepare(sources, tmp_path / "out", settings, jobs=1, copies=COPIES)
    corpus = Corpus.load(tmp_path / "out")
    assert len(corpus.songs("band", "train", augmented_copies=True)) == 3
    # Validation uses the recording and not its copies.
    assert [song.name for song in corpus.songs("band", "valid", augmented_copies=True)] == ["0.flac"]

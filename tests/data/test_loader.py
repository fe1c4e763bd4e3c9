"""Tests of open_song_folders: two folders of songs equal the data folder that is prepared from them."""

import dataclasses
import os
import shutil
import types

import numpy as np
import pytest
import soundfile
import tensorflow as tf

from pipelines.data import compressed_corpus, loader, loudness_cache, splits, worker_pool
from pipelines.data.batching import unpaired_batches
from pipelines.data.config import AugmentConfig, DataConfig
from pipelines.data.corpus import Corpus
from pipelines.data.excerpts import excerpts, validation_clips
from pipelines.data.feature_cache import FrameFeatures
from pipelines.data.loader import open_corpus
from pipelines.data.preparation import prepare
from pipelines.data.schema import DOMAINS, Settings
from pipelines.errors import UserError
from tests import odd_audio
from tests.data.conftest import SPEC, write_tone

FRAMES, BATCH = 32, 4
RATE = 16000
# A rate that mp3 supports.
SETTINGS = Settings(dataclasses.replace(SPEC, sample_rate=RATE, fmax=8000.0), segment_frames=64)
SONGS = {
    "content": {
        "a.wav": "PCM_16",
        "b.flac": "PCM_24",
        "c.ogg": "VORBIS",
        "sub/d.mp3": None,
        "e.wav": "FLOAT",
    },
    "band": {"a.ogg": "VORBIS", "b.mp3": None, "c.wav": "PCM_U8", "d.wav": "PCM_24"},
}


def _write(path, subtype, number, rate=RATE):
    """Writes modulated tones and noise in stereo."""
    rng = np.random.default_rng(number)
    time = np.arange(round((2.0 + 0.37 * number) * rate)) / rate
    sound = sum(np.sin(2 * np.pi * rng.uniform(100, 3000) * time + rng.uniform(0, 6)) for _ in range(4))
    sound = 0.1 * sound * (1 + np.sin(2 * np.pi * 3 * time)) + rng.normal(scale=0.01, size=len(time))
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.stack([sound, 0.5 * sound[::-1]], axis=1).clip(-1, 1), rate, subtype=subtype)


def _run_in_process(function, tasks, jobs):
    """Substitute for worker_pool.run without processes, which take seconds to start."""
    for task in tasks:
        try:
            yield task, function(task)
        except Exception as error:
            yield task, error


@pytest.fixture(scope="module", autouse=True)
def _in_this_process(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker_pool, "run", _run_in_process)
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    root = tmp_path_factory.mktemp("sources")
    for domain in DOMAINS:
        for number, (name, subtype) in enumerate(SONGS[domain].items()):
            _write(root / domain / name, subtype, number + 10 * DOMAINS.index(domain))
    return {domain: root / domain for domain in DOMAINS}


def _pair(sources):
    return f"{sources['content']},{sources['band']}"


@pytest.fixture(scope="module")
def prepared(sources, tmp_path_factory):
    out = tmp_path_factory.mktemp("prepared")
    prepare(sources, out, SETTINGS, jobs=1)
    return Corpus.load(out)


@pytest.fixture(scope="module")
def direct(sources):
    return loader.open_song_folders(_pair(sources), SETTINGS, jobs=1)


def _take(corpus, count, first_step=0, **options):
    batches = unpaired_batches(
        corpus, frames=FRAMES, batch_size=BATCH, seed=3, first_step=first_step, **options
    )
    return [{name: value.numpy() for name, value in batch.items()} for batch in batches.take(count)]


def test_the_manifest_equals_that_of_prepare(prepared, direct):
    assert direct.manifest == prepared.manifest


@pytest.mark.parametrize("domain", DOMAINS)
def test_segments_of_every_format_equal_those_of_prepare(prepared, direct, domain):
    for song in prepared.manifest.domains[domain].songs:
        for (found, count), (expected, valid) in zip(direct.read(song), prepared.read(song), strict=True):
            assert count == valid
            np.testing.assert_array_equal(found, expected)


def test_batches_equal_those_of_a_prepared_folder(prepared, direct):
    for found, expected in zip(_take(direct, 12), _take(prepared, 12), strict=True):
        for domain in DOMAINS:
            np.testing.assert_array_equal(found[domain], expected[domain])
    waveforms = (_take(corpus, 3, waveforms=True) for corpus in (direct, prepared))
    for found, expected in zip(*waveforms, strict=True):
        np.testing.assert_array_equal(found["band"], expected["band"])


@pytest.mark.slow
def test_batches_of_a_model_equal_those_of_a_prepared_folder(prepared, direct):
    data = DataConfig(FRAMES, BATCH, AugmentConfig(gain=0.1))
    model = types.SimpleNamespace(config=types.SimpleNamespace(data=data))
    nested = tf.data.Dataset.range(1).flat_map(lambda _: direct.batches(model, seed=3))
    expected = list(prepared.batches(model, seed=3).take(3))
    for batches in (direct.batches(model, seed=3), nested):
        for found, wanted in zip(batches, expected, strict=False):
            np.testing.assert_allclose(found["band"], wanted["band"], atol=1e-6)


def test_from_a_step_equals_skipping_to_it(direct):
    reference = _take(direct, 9)
    for found, expected in zip(_take(direct, 2, first_step=7), reference[7:], strict=True):
        for domain in DOMAINS:
            np.testing.assert_array_equal(found[domain], expected[domain])


def test_clips_and_excerpts_equal_those_of_a_prepared_folder(prepared, direct):
    found, expected = (validation_clips(corpus, frames=FRAMES, count=4) for corpus in (direct, prepared))
    for domain in DOMAINS:
        np.testing.assert_array_equal(found[domain], expected[domain])
    pairs = (excerpts(corpus, "content", "train", count=5, segments=2) for corpus in (direct, prepared))
    for one, other in zip(*pairs, strict=True):
        np.testing.assert_array_equal(one, other)


def test_frame_features_equal_those_of_a_prepared_folder(prepared, direct, tmp_path):
    """The feature of a frame is its number within the segment."""
    frame_features = FrameFeatures("index", tmp_path, 1)
    for domain in DOMAINS:
        for song in direct.songs(domain, "train"):
            frame_features.write(song, [np.arange(64)[:, None]] * song.segments)
    for found, expected in zip(
        _take(direct, 4, frame_features=frame_features),
        _take(prepared, 4, frame_features=frame_features),
        strict=True,
    ):
        np.testing.assert_array_equal(found["band/index"], expected["band/index"])
        np.testing.assert_array_equal(found["band"], expected["band"])


def test_other_rates_layouts_and_codecs_equal_those_of_prepare(tmp_path):
    pair = {domain: tmp_path / domain for domain in DOMAINS}
    _write(pair["content"] / "a.flac", "PCM_16", 1, rate=24000)
    quad = 0.1 * np.random.default_rng(0).normal(size=(3 * RATE, 4)).clip(-1, 1)
    soundfile.write(pair["content"] / "quad.wav", quad, RATE)
    _write(pair["band"] / "odd.wav", "DOUBLE", 2, rate=15999)
    odd_audio.write(pair["band"] / "phone.m4a", odd_audio.music(3.0))
    prepare(pair, tmp_path / "out", SETTINGS, jobs=1)
    prepared, direct = Corpus.load(tmp_path / "out"), loader.open_song_folders(_pair(pair), SETTINGS, jobs=1)
    assert direct.manifest == prepared.manifest
    for found, expected in zip(_take(direct, 3), _take(prepared, 3), strict=True):
        for domain in DOMAINS:
            np.testing.assert_array_equal(found[domain], expected[domain])


def test_parts_of_a_long_recording_equal_those_of_a_prepared_folder(sources, tmp_path, monkeypatch):
    monkeypatch.setattr(splits, "LONG_SECONDS", 4.0)
    prepare(sources, tmp_path, SETTINGS, jobs=1)
    prepared, direct = Corpus.load(tmp_path), loader.open_song_folders(_pair(sources), SETTINGS, jobs=1)
    assert direct.manifest == prepared.manifest
    assert any("(part 2 of" in song.name for song in direct.manifest.domains["band"].songs)
    for found, expected in zip(_take(direct, 6), _take(prepared, 6), strict=True):
        np.testing.assert_array_equal(found["band"], expected["band"])


def test_songs_are_measured_once(sources, direct, monkeypatch):
    monkeypatch.setattr(loudness_cache, "measure", lambda *_: pytest.fail("measured again"))
    assert loader.open_song_folders(_pair(sources), SETTINGS, jobs=1).manifest == direct.manifest


@pytest.fixture
def copied(sources, tmp_path):
    shutil.copytree(sources["content"].parent, tmp_path / "songs")
    return {domain: tmp_path / "songs" / domain for domain in DOMAINS}


def test_removed_and_changed_songs_are_reported_once_and_replaced(copied, capsys):
    corpus = loader.open_song_folders(_pair(copied), SETTINGS, jobs=1)
    gone, changed = (copied[domain] / corpus.songs(domain, "train")[1].name for domain in ("content", "band"))
    batches = iter(unpaired_batches(corpus, frames=FRAMES, batch_size=BATCH, seed=3))
    before = [next(batches) for _ in range(4)]
    gone.unlink()
    write_tone(changed, 440) if changed.suffix != ".mp3" else changed.write_bytes(b"damaged" * 1000)
    after = [next(batches) for _ in range(40)]
    assert all(np.isfinite(batch["band"]).all() for batch in (*before, *after))
    printed = capsys.readouterr().err
    assert printed.count(f"{gone} is gone: it was moved or removed meanwhile; the other songs go on") == 1
    assert printed.count(f"{changed} was changed meanwhile") == 1
    with pytest.raises(UserError, match="is gone"):
        corpus.read(corpus.songs("content", "train")[1])


def test_unreadable_files_are_skipped_with_a_reason(copied, capsys):
    (copied["content"] / "text.mp3").write_text("no song " * 100)
    corpus = loader.open_song_folders(_pair(copied), SETTINGS, jobs=1)
    (skipped,) = corpus.manifest.domains["content"].skipped
    assert skipped.why.startswith("is not a readable audio file")
    assert f"text.mp3 {skipped.why}" in capsys.readouterr().err


def test_a_corpus_of_one_song_works_with_a_warning(tmp_path, capsys):
    for domain, number in (("content", 1), ("band", 2)):
        _write(tmp_path / domain / "a.ogg", "VORBIS", number)
    corpus = loader.open_song_folders(f"{tmp_path}/content,{tmp_path}/band", SETTINGS, jobs=1)
    printed = capsys.readouterr().err
    assert "warning: band has only one song (a.ogg): it is validated on what it is trained on" in printed
    assert _take(corpus, 1)[0]["band"].shape == (BATCH, FRAMES, SPEC.n_mels, 1)
    assert len(validation_clips(corpus, frames=FRAMES, count=2)["band"]) == 2


def test_pairs_that_cannot_be_used(sources, tmp_path, monkeypatch):
    content = sources["content"]
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad/a.wav").write_bytes(b"")
    for pair, expected in (
        (f"{content},{tmp_path}/nowhere", "nowhere does not exist"),
        (f"{content},{content}", "are the same folder"),
        (f"{content},{tmp_path}/bad", r"no file in .*bad can be used: a\.wav is empty"),
    ):
        with pytest.raises(UserError, match=expected):
            open_corpus(pair)
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(UserError, match="name another folder by XDG_CACHE_HOME"):
        open_corpus(_pair(sources))


def test_a_folder_with_a_comma_in_its_name_is_one_folder(prepared, tmp_path):
    os.symlink(prepared.folder, tmp_path / "rock, and pop")
    assert open_corpus(tmp_path / "rock, and pop").manifest == prepared.manifest


def test_a_resumed_run_does_not_decode_earlier_segments(direct, monkeypatch):
    decoded = []
    original = type(direct)._is_readable
    monkeypatch.setattr(
        type(direct), "_is_readable", lambda self, records: decoded.append(0) or original(self, records)
    )
    _take(direct, 1, first_step=1000)
    assert len(decoded) < 200


@pytest.mark.slow
def test_the_order_does_not_depend_on_the_number_of_decoders(direct, monkeypatch):
    two = _take(direct, 3)
    monkeypatch.setattr(compressed_corpus.os, "cpu_count", lambda: 3)
    for found, expected in zip(_take(direct, 3), two, strict=True):
        np.testing.assert_array_equal(found["content"], expected["content"])

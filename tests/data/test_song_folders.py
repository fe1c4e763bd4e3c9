"""Two folders of songs give what a prepared folder gives."""

import dataclasses
import os
import shutil

import numpy as np
import pytest
import soundfile

from pipelines.data import compressed_corpus, long_recordings, loudness_cache, song_folders, worker_pool
from pipelines.data.batching import unpaired_batches, validation_clips
from pipelines.data.corpus import Corpus
from pipelines.data.excerpts import excerpts
from pipelines.data.feature_cache import Companion
from pipelines.data.loader import open_corpus
from pipelines.data.preparation import prepare
from pipelines.data.schema import DOMAINS, Settings
from pipelines.errors import UserError
from tests import odd_audio
from tests.data.conftest import SPEC, write_tone

FRAMES, BATCH = 32, 4
RATE = 16000
# What mp3 can hold; of a rate that the songs but for one have, which is also of another format.
HERE = Settings(dataclasses.replace(SPEC, sample_rate=RATE, fmax=8000.0), segment_frames=64)
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
    """Noise and tones that come and go, in stereo."""
    rng = np.random.default_rng(number)
    time = np.arange(round((2.0 + 0.37 * number) * rate)) / rate
    sound = sum(np.sin(2 * np.pi * rng.uniform(100, 3000) * time + rng.uniform(0, 6)) for _ in range(4))
    sound = 0.1 * sound * (1 + np.sin(2 * np.pi * 3 * time)) + rng.normal(scale=0.01, size=len(time))
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.stack([sound, 0.5 * sound[::-1]], axis=1).clip(-1, 1), rate, subtype=subtype)


def _here(function, tasks, jobs):
    """Works in this process: spawning others takes seconds."""
    for task in tasks:
        try:
            yield task, function(task)
        except Exception as error:
            yield task, error


@pytest.fixture(scope="module", autouse=True)
def _in_this_process(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker_pool, "run", _here)
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
    prepare(sources, out, HERE, jobs=1)
    return Corpus.load(out)


@pytest.fixture(scope="module")
def direct(sources):
    return song_folders.opened(_pair(sources), HERE, jobs=1)


def _take(corpus, count, first_step=0, **options):
    batches = unpaired_batches(
        corpus, frames=FRAMES, batch_size=BATCH, seed=3, first_step=first_step, **options
    )
    return [{name: value.numpy() for name, value in batch.items()} for batch in batches.take(count)]


def test_the_manifest_is_that_which_prepare_writes(prepared, direct):
    assert direct.manifest == prepared.manifest


@pytest.mark.parametrize("domain", DOMAINS)
def test_every_format_is_decoded_as_by_prepare(prepared, direct, domain):
    for song in prepared.manifest.domains[domain].songs:
        for (found, count), (expected, valid) in zip(direct.read(song), prepared.read(song), strict=True):
            assert count == valid
            np.testing.assert_array_equal(found, expected)


def test_batches_are_those_of_a_prepared_folder(prepared, direct):
    for found, expected in zip(_take(direct, 12), _take(prepared, 12), strict=True):
        for domain in DOMAINS:
            np.testing.assert_array_equal(found[domain], expected[domain])
    waveforms = (_take(corpus, 3, waveforms=True) for corpus in (direct, prepared))
    for found, expected in zip(*waveforms, strict=True):
        np.testing.assert_array_equal(found["band"], expected["band"])


def test_from_a_step_equals_skipping_to_it(direct):
    reference = _take(direct, 9)
    for found, expected in zip(_take(direct, 2, first_step=7), reference[7:], strict=True):
        for domain in DOMAINS:
            np.testing.assert_array_equal(found[domain], expected[domain])


def test_clips_and_excerpts_are_those_of_a_prepared_folder(prepared, direct):
    found, expected = (validation_clips(corpus, frames=FRAMES, count=4) for corpus in (direct, prepared))
    for domain in DOMAINS:
        np.testing.assert_array_equal(found[domain], expected[domain])
    pairs = (excerpts(corpus, "content", "train", count=5, segments=2) for corpus in (direct, prepared))
    for one, other in zip(*pairs, strict=True):
        np.testing.assert_array_equal(one, other)


def test_companions_come_along(prepared, direct, tmp_path):
    """Of every frame its number in the segment, by which the crop's samples are found again."""
    companion = Companion("known", tmp_path, 1)
    for domain in DOMAINS:
        for song in direct.songs(domain, "train"):
            companion.write(song, [np.arange(64)[:, None]] * song.segments)
    for found, expected in zip(
        _take(direct, 4, companion=companion), _take(prepared, 4, companion=companion), strict=True
    ):
        np.testing.assert_array_equal(found["band/known"], expected["band/known"])
        np.testing.assert_array_equal(found["band"], expected["band"])


def test_other_rates_layouts_and_codings_are_read_as_by_prepare(tmp_path):
    pair = {domain: tmp_path / domain for domain in DOMAINS}
    _write(pair["content"] / "a.flac", "PCM_16", 1, rate=24000)
    quad = 0.1 * np.random.default_rng(0).normal(size=(3 * RATE, 4)).clip(-1, 1)
    soundfile.write(pair["content"] / "quad.wav", quad, RATE)
    _write(pair["band"] / "odd.wav", "DOUBLE", 2, rate=15999)
    odd_audio.write(pair["band"] / "phone.m4a", odd_audio.music(3.0))
    prepare(pair, tmp_path / "out", HERE, jobs=1)
    prepared, direct = Corpus.load(tmp_path / "out"), song_folders.opened(_pair(pair), HERE, jobs=1)
    assert direct.manifest == prepared.manifest
    for found, expected in zip(_take(direct, 3), _take(prepared, 3), strict=True):
        for domain in DOMAINS:
            np.testing.assert_array_equal(found[domain], expected[domain])


def test_parts_of_a_long_recording_are_those_of_a_prepared_folder(sources, tmp_path, monkeypatch):
    monkeypatch.setattr(long_recordings, "LONG_SECONDS", 4.0)
    prepare(sources, tmp_path, HERE, jobs=1)
    prepared, direct = Corpus.load(tmp_path), song_folders.opened(_pair(sources), HERE, jobs=1)
    assert direct.manifest == prepared.manifest
    assert any("(part 2 of" in song.name for song in direct.manifest.domains["band"].songs)
    for found, expected in zip(_take(direct, 6), _take(prepared, 6), strict=True):
        np.testing.assert_array_equal(found["band"], expected["band"])


def test_levels_are_measured_once(sources, direct, monkeypatch):
    monkeypatch.setattr(loudness_cache, "measure", lambda *_: pytest.fail("measured again"))
    assert song_folders.opened(_pair(sources), HERE, jobs=1).manifest == direct.manifest


@pytest.fixture
def copied(sources, tmp_path):
    shutil.copytree(sources["content"].parent, tmp_path / "songs")
    return {domain: tmp_path / "songs" / domain for domain in DOMAINS}


def test_songs_that_vanish_or_change_are_told_of_once_and_the_rest_goes_on(copied, capsys):
    corpus = song_folders.opened(_pair(copied), HERE, jobs=1)
    gone, changed = (copied[domain] / corpus.songs(domain, "train")[1].name for domain in ("content", "band"))
    batches = iter(unpaired_batches(corpus, frames=FRAMES, batch_size=BATCH, seed=3))
    before = [next(batches) for _ in range(4)]
    gone.unlink()
    write_tone(changed, 440) if changed.suffix != ".mp3" else changed.write_bytes(b"damaged" * 1000)
    after = [next(batches) for _ in range(40)]
    assert all(np.isfinite(batch["band"]).all() for batch in (*before, *after))
    told = capsys.readouterr().err
    assert told.count(f"{gone} is gone: it was moved or removed meanwhile; the other songs go on") == 1
    assert told.count(f"{changed} was changed meanwhile") == 1
    with pytest.raises(UserError, match="is gone"):
        corpus.read(corpus.songs("content", "train")[1])


def test_what_cannot_be_read_is_left_out_with_a_sentence(copied, capsys):
    (copied["content"] / "text.mp3").write_text("no song " * 100)
    corpus = song_folders.opened(_pair(copied), HERE, jobs=1)
    (skipped,) = corpus.manifest.domains["content"].skipped
    assert skipped.why.startswith("is not a readable audio file")
    assert f"text.mp3 {skipped.why}" in capsys.readouterr().err


def test_a_corpus_of_one_song_is_told_and_works(tmp_path, capsys):
    for domain, number in (("content", 1), ("band", 2)):
        _write(tmp_path / domain / "a.ogg", "VORBIS", number)
    corpus = song_folders.opened(f"{tmp_path}/content,{tmp_path}/band", HERE, jobs=1)
    told = capsys.readouterr().err
    assert "warning: band has only one song (a.ogg): it is validated on what it is trained on" in told
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


def test_nothing_is_decoded_for_what_a_resumed_run_has_seen(direct, monkeypatch):
    """A thousand steps later, the first batch takes no thousand decodings."""
    decoded = []
    original = type(direct)._is_readable
    monkeypatch.setattr(
        type(direct), "_is_readable", lambda self, records: decoded.append(0) or original(self, records)
    )
    _take(direct, 1, first_step=1000)
    assert len(decoded) < 200


def test_the_order_does_not_depend_on_how_many_readers_there_are(direct, monkeypatch):
    two = _take(direct, 3)
    monkeypatch.setattr(compressed_corpus.os, "cpu_count", lambda: 3)
    for found, expected in zip(_take(direct, 3), two, strict=True):
        np.testing.assert_array_equal(found["content"], expected["content"])

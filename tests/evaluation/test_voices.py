"""Tests of songs with stems: their voices, and the row of a model that keeps the singer."""

import dataclasses

import numpy as np
import pytest

from pipelines.audio import files
from pipelines.data import splits
from pipelines.data.corpus import Corpus
from pipelines.data.normalisation import normalise
from pipelines.data.schema import Manifest
from pipelines.data.shards import PCM_SUFFIX, PreparationTask, write_shard
from pipelines.errors import UserError
from pipelines.evaluation import clips, job, pairs, voices
from pipelines.evaluation.catalogue import SINGER
from pipelines.evaluation.context import Context
from pipelines.evaluation.voices import RecordedStem
from pipelines.stems.files import Role, Stem
from tests.evaluation import small
from tests.evaluation.conftest import SPLITS
from tests.evaluation.small import LOUDEST, SECONDS, SPEC, estimates, request
from tests.stems import songs as stem_songs

VOICE = stem_songs.voice(SECONDS, 1)[:, 0]
BAND = small.synthesise(small.melody(70), band=False)
SONG = BAND + VOICE


def _stem(samples, role=Role.VOCALS):
    return RecordedStem("stem.wav", role, lambda: samples)


@pytest.mark.parametrize(("samples", "role"), [(VOICE, Role.VOCALS), (BAND, Role.INSTRUMENTAL)])
def test_a_voice_has_its_level_and_position_in_the_song(samples, role):
    late = np.pad(0.5 * samples, (100, 0))
    found = voices.separate("song.wav", SONG, _stem(late, role), SPEC.sample_rate)
    assert found.shape == SONG.shape
    assert np.abs(found - VOICE).max() < 0.05 * np.abs(VOICE).max()


def test_a_stem_of_another_song_is_refused():
    other = stem_songs.voice(SECONDS, 1, seed=5)[:, 0]
    with pytest.raises(UserError, match=r"stem\.wav is no part of song\.wav"):
        voices.separate("song.wav", BAND, _stem(other), SPEC.sample_rate)


def test_stems_of_pairs_are_no_sources(tmp_path):
    source = tmp_path / "one.source.wav"
    for path in (source, tmp_path / "one.source.vocals.txt", tmp_path / "two.source.flac"):
        path.touch()
    assert pairs.stem_of(source) is None
    stem = tmp_path / "one.source.vocals.ogg"
    stem.touch()
    assert pairs.stem_of(source) == Stem(stem, Role.VOCALS)
    assert pairs.stem_of(tmp_path / "two.source.flac") is None
    assert pairs.find_sources(tmp_path) == [source, tmp_path / "two.source.flac"]


def _with_stem(folder):
    """A data folder whose test song is sung in its first half only."""
    corpus = small.data(folder, SPLITS, SPLITS)
    songs = folder / "songs/content"
    stem = files.read(songs / "song 3.wav", SPEC.sample_rate)[:, 0]
    stem[len(stem) // 2 :] = 0
    source = small.write(songs / "song 3.vocals.wav", 0.5 * stem)
    task = PreparationTask.from_file(source, songs, "content", folder, small.SETTINGS)
    record = write_shard(task, normalise(source, task.path(PCM_SUFFIX), small.SETTINGS))
    content, band = (corpus.manifest.domains[domain] for domain in ("content", "band"))
    (song,) = (song for song in content.songs if song.name == "song 3.wav")
    content = dataclasses.replace(content, stems=tuple(splits.stem_parts(record, [song], "vocals")))
    Manifest(small.SETTINGS, {"content": content, "band": band}).save(folder)
    return Corpus.load(folder)


@pytest.mark.parametrize("seconds", [None, 2.0])
def test_voices_of_a_data_folder(tmp_path, seconds):
    _with_stem(tmp_path / "data")
    context = Context.open(tmp_path / "data", tmp_path / "out", (LOUDEST,), 1)
    (clip,) = clips.clips_from_corpus(context, None, seconds)
    source, voice = np.load(clip.source), np.load(clip.voice)
    middle = len(source) // 2
    assert len(voice) == len(source) == round((seconds or SECONDS) * SPEC.sample_rate)
    assert np.abs(voice - source)[: middle - 1].max() < 0.01 * np.abs(source).max()
    assert np.abs(voice[middle + 1 :]).max() < 0.01 * np.abs(source).max()
    assert not context.warn.sentences


def test_an_excerpt_without_singing_has_no_voice(tmp_path, monkeypatch):
    _with_stem(tmp_path / "data")
    context = Context.open(tmp_path / "data", tmp_path / "out", (LOUDEST,), 1)
    monkeypatch.setattr(clips, "_VOICE_SHARE", 1.0)
    (clip,) = clips.clips_from_corpus(context, None, 2.0)
    assert clip.voice is None
    (sentence,) = context.warn.sentences
    assert sentence.startswith("song 3.wav has no singing in the excerpt")


@pytest.mark.usefixtures("one_process")
def test_a_row_with_the_singer_kept(folder, tmp_path):
    """Only where there is a stem; a stem that does not fit is a warning."""
    for name, seed in (("one", 70), ("two", 71), ("three", 72)):
        small.pair(tmp_path / "pairs", name, seed)
    small.write(tmp_path / "pairs/one.source.wav", SONG)
    small.write(tmp_path / "pairs/one.source.vocals.wav", 0.5 * VOICE)
    small.write(tmp_path / "pairs/two.source.vocals.wav", stem_songs.voice(SECONDS, 1, seed=5)[:, 0])
    wanted = dataclasses.replace(request(folder, tmp_path / "out", runs=("run",)), pairs=tmp_path / "pairs")
    evaluation = job.evaluate(wanted, (LOUDEST, *SINGER))
    assert [song.name for song in evaluation.songs] == ["one", "three", "two"]
    assert [row.method.name for row in evaluation.rows][-2:] == ["run", "run, singer kept"]
    assert set(evaluation.rows[-1].songs) == {"one"}
    assert all("bleed" not in row.songs.get("three", {}) for row in evaluation.rows)
    assert any("two.source.vocals.wav is no part of" in sentence for sentence in evaluation.warnings)
    assert any(sentence.startswith("1 of 3 songs have a singer's stem") for sentence in evaluation.warnings)
    kept, bleed = (estimates(evaluation, column.column.key) for column in SINGER)
    in_source = 10 * np.log10(np.square(VOICE).sum() / np.square(BAND).sum())
    assert kept["copy the source"] == pytest.approx(in_source, abs=0.5)
    assert kept["run, singer kept"] == pytest.approx(in_source, abs=3)
    assert kept["copy a band song"] < -15
    assert bleed["copy the source"] == pytest.approx(-10 * np.log10(1 + 10 ** (in_source / 10)), abs=0.5)
    assert bleed["copy a band song"] < bleed["copy the source"]


@pytest.mark.usefixtures("one_process")
def test_without_stems_there_is_neither_row_nor_column(folder, tmp_path):
    evaluation = job.evaluate(request(folder, tmp_path, runs=("run",)), (LOUDEST, *SINGER))
    assert [column.key for column in evaluation.columns] == ["loudest"]
    assert evaluation.rows[-1].method.name == "run"
    assert not evaluation.warnings

import errno
import os
import shutil

import numpy as np
import pytest
import tensorflow as tf

from pipelines.audio.features import log_mel
from pipelines.data.batching import unpaired_batches
from pipelines.data.corpus import Corpus
from pipelines.data.feature_cache import FrameFeatures
from pipelines.data.schema import DOMAINS
from tests.data.conftest import SETTINGS

FRAMES, BATCH, WIDTH = 24, 4, 3


def known(song, segments):
    """Features of a frame: its number in the segment, the segment's and the song's."""
    frames = np.arange(SETTINGS.segment_frames)
    for segment in range(segments):
        constants = np.full(len(frames), segment), np.full(len(frames), song)
        yield np.stack([frames, *constants], axis=1).astype(np.float32)


@pytest.fixture(scope="module")
def frame_features(corpus, tmp_path_factory):
    written = FrameFeatures("known", tmp_path_factory.mktemp("known"), WIDTH)
    for domain in DOMAINS:
        for number, song in enumerate(corpus.songs(domain, "train")):
            written.write(song, known(number, song.segments))
    return written


def take(corpus, frame_features, count, first_step=0):
    batches = unpaired_batches(
        corpus, frames=FRAMES, batch_size=BATCH, seed=3, first_step=first_step, frame_features=frame_features
    )
    return [{name: value.numpy() for name, value in batch.items()} for batch in batches.take(count)]


@pytest.fixture(scope="module")
def batches(corpus, frame_features):
    return take(corpus, frame_features, 12)


@pytest.mark.parametrize("name", ["a [live]*", "{a}\\?", os.fsdecode(b"caf\xe9")], ids=ascii)
def test_folders_of_any_name_are_written_and_read(corpus, batches, tmp_path, name):
    folder = tmp_path / name
    shutil.copytree(corpus.folder, folder / "data")
    frame_features = FrameFeatures("known", folder / "known", WIDTH)
    for domain in DOMAINS:
        for number, song in enumerate(corpus.songs(domain, "train")):
            frame_features.write(song, known(number, song.segments))
    (batch,) = take(Corpus.load(folder / "data"), frame_features, 1)
    for key, values in batches[0].items():
        np.testing.assert_array_equal(batch[key], values)


def test_batches_contain_log_mels_and_features(corpus, batches):
    assert set(batches[0]) == {"content", "band", "content/known", "band/known"}
    assert batches[0]["band"].shape == (BATCH, FRAMES, corpus.spec.n_mels, 1)
    assert batches[0]["band/known"].shape == (BATCH, FRAMES, WIDTH)
    assert batches[0]["band/known"].dtype == np.float32


def test_features_belong_to_the_frames_of_the_crop(corpus, frame_features, batches):
    """The features of a crop, which locate it in its song, match its log-mels."""
    for crop, features in zip(batches[0]["content"], batches[0]["content/known"], strict=True):
        first, segment, number = features[0].astype(int)
        song = corpus.songs("content", "train")[number]
        record = next(iter(tf.data.TFRecordDataset(str(corpus.folder / song.shard)).skip(segment)))
        pcm, _ = corpus.parse(record)
        start = first * corpus.spec.hop_length
        waveform = pcm.numpy()[start : start + corpus.spec.span(FRAMES)].astype(np.float32) / 32768
        np.testing.assert_array_equal(features[:, 0], first + np.arange(FRAMES))
        expected = log_mel(corpus.spec, waveform[None], center=False)[0]
        np.testing.assert_allclose(crop, expected, atol=1e-4)


def test_crops_begin_at_many_frames(batches):
    assert len({int(clip[0, 0]) for batch in batches for clip in batch["content/known"]}) > 12


def test_from_a_step_equals_skipping_to_it(corpus, frame_features, batches):
    for ours, theirs in zip(take(corpus, frame_features, 3, first_step=9), batches[9:], strict=True):
        for name, value in theirs.items():
            np.testing.assert_array_equal(ours[name], value)


def test_a_disk_that_is_full_leaves_no_half_shard(corpus, frame_features, tmp_path, monkeypatch):
    def full(writer, record):
        raise tf.errors.ResourceExhaustedError(None, None, "no space")

    monkeypatch.setattr(tf.io.TFRecordWriter, "write", full)
    song = corpus.songs("band", "train")[0]
    other = FrameFeatures("known", tmp_path, WIDTH)
    with pytest.raises(OSError, match="space") as problem:
        other.write(song, known(0, song.segments))
    assert problem.value.errno == errno.ENOSPC
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]

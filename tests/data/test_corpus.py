import dataclasses
import types

import numpy as np
import pytest
import tensorflow as tf

from pipelines.data import augmentation
from pipelines.data.batching import unpaired_batches
from pipelines.data.config import AugmentConfig, DataConfig
from pipelines.data.corpus import Corpus
from pipelines.data.schema import DOMAINS, Manifest
from pipelines.errors import UserError


def test_songs_of_a_split_and_fallback_to_train(corpus):
    assert len(corpus.songs("content", "train")) == 4
    assert len(corpus.songs("band", "valid")) == 1
    assert corpus.songs("band", "test") == corpus.songs("band", "train")
    # Songs of 3.0, 3.7, 4.4 and 5.1 s; a segment of 4288 samples every 4096.
    expected = sum(-(-(samples - 4288) // 4096) + 1 for samples in (24000, 29600, 35200, 40800))
    assert sum(song.segments for song in corpus.songs("content", "train")) == expected


def test_augmented_copies_are_optional_and_belong_to_train(corpus_with_copy):
    recordings, (copy,) = (
        corpus_with_copy.songs("band", "train"),
        corpus_with_copy.manifest.domains["band"].copies,
    )
    assert corpus_with_copy.songs("band", "train", augmented_copies=True) == (*recordings, copy)
    assert copy not in recordings
    for split in ("valid", "test"):
        assert copy not in corpus_with_copy.songs("band", split, augmented_copies=True)
    assert corpus_with_copy.songs("content", "train", augmented_copies=True) == corpus_with_copy.songs(
        "content", "train"
    )


def test_missing_shard(corpus, tmp_path):
    corpus.manifest.save(tmp_path)
    with pytest.raises(UserError, match=r"\.tfrecord is missing"):
        Corpus.load(tmp_path)


def test_missing_shard_of_an_augmented_copy(corpus_with_copy, tmp_path):
    for domain in DOMAINS:
        (tmp_path / domain).symlink_to(corpus_with_copy.folder / domain)
    gone = dataclasses.replace(
        corpus_with_copy.manifest.domains["band"].copies[0], shard="band/gone.tfrecord"
    )
    band = dataclasses.replace(corpus_with_copy.manifest.domains["band"], copies=(gone,))
    Manifest(corpus_with_copy.manifest.settings, {**corpus_with_copy.manifest.domains, "band": band}).save(
        tmp_path
    )
    with pytest.raises(UserError, match=r"gone\.tfrecord is missing"):
        Corpus.load(tmp_path)


def test_unfinished_folder(tmp_path):
    with pytest.raises(UserError, match="coverband prepare"):
        Corpus.load(tmp_path)


def test_the_spec_is_that_of_the_manifest(corpus, settings):
    assert corpus.spec == settings.spec
    other = Manifest(dataclasses.replace(settings, segment_frames=32), corpus.manifest.domains)
    assert Corpus(corpus.folder, other).segment_frames == 32


@pytest.mark.parametrize("frames", [0, 65])
def test_crops_longer_than_a_segment(corpus, frames):
    with pytest.raises(UserError, match="use 1 to 64"):
        corpus.require_frames(frames)


DATA = DataConfig(frames=32, batch_size=3, augment=AugmentConfig(noise=0.1))
MODEL = types.SimpleNamespace(config=types.SimpleNamespace(data=DATA))


@pytest.mark.slow
def test_batches_of_a_model_have_its_crops_and_augmentation(corpus):
    augment = augmentation.from_config(DATA.augment, DATA.frames, corpus.spec.n_mels)
    batches = corpus.batches(MODEL, seed=2, first_step=1)
    expected = unpaired_batches(corpus, frames=32, batch_size=3, seed=2, first_step=1, augment=augment)
    for found, wanted in zip(batches.take(3), expected, strict=False):
        assert found["band"].shape == (3, 32, corpus.spec.n_mels, 1)
        for domain in DOMAINS:
            np.testing.assert_array_equal(found[domain], wanted[domain])
    assert batches.cardinality() == tf.data.INFINITE_CARDINALITY or len(list(batches.take(50))) == 50


def test_batches_of_a_model_inside_tf_data(corpus):
    nested = tf.data.Dataset.range(1).flat_map(lambda _: corpus.batches(MODEL)).take(2)
    for found, wanted in zip(nested, corpus.batches(MODEL), strict=False):
        np.testing.assert_allclose(found["band"], wanted["band"], atol=1e-6)

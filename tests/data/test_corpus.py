import dataclasses

import pytest

from pipelines.data.corpus import Corpus
from pipelines.data.schema import DOMAINS, Manifest
from pipelines.errors import UserError


def test_counts_and_falls_back_to_train(corpus):
    assert len(corpus.songs("content", "train")) == 4
    assert len(corpus.songs("band", "valid")) == 1
    assert corpus.songs("band", "test") == corpus.songs("band", "train")
    # Songs of 3.0, 3.7, 4.4 and 5.1 s; a segment of 4288 samples every 4096.
    expected = sum(-(-(samples - 4288) // 4096) + 1 for samples in (24000, 29600, 35200, 40800))
    assert sum(song.segments for song in corpus.songs("content", "train")) == expected


def test_variants_come_with_the_training_songs_when_asked_for(varied):
    recordings, (variant,) = varied.songs("band", "train"), varied.manifest.domains["band"].variants
    assert varied.songs("band", "train", variants=True) == (*recordings, variant)
    assert variant not in recordings
    for split in ("valid", "test"):
        assert variant not in varied.songs("band", split, variants=True)
    assert varied.songs("content", "train", variants=True) == varied.songs("content", "train")


def test_missing_shard(corpus, tmp_path):
    corpus.manifest.save(tmp_path)
    with pytest.raises(UserError, match=r"\.tfrecord is missing"):
        Corpus.load(tmp_path)


def test_missing_shard_of_a_variant(varied, tmp_path):
    for domain in DOMAINS:
        (tmp_path / domain).symlink_to(varied.folder / domain)
    gone = dataclasses.replace(varied.manifest.domains["band"].variants[0], shard="band/gone.tfrecord")
    band = dataclasses.replace(varied.manifest.domains["band"], variants=(gone,))
    Manifest(varied.manifest.settings, {**varied.manifest.domains, "band": band}).save(tmp_path)
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

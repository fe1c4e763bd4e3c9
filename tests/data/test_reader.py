import dataclasses

import pytest

from pipelines.data.reader import Corpus
from pipelines.data.schema import Manifest
from pipelines.errors import UserError


def test_counts_and_falls_back_to_train(corpus):
    assert len(corpus.songs("content", "train")) == 4
    assert len(corpus.songs("band", "valid")) == 1
    assert corpus.songs("band", "test") == corpus.songs("band", "train")
    # Songs of 3.0, 3.7, 4.4 and 5.1 s; a segment of 4288 samples every 4096.
    expected = sum(-(-(samples - 4288) // 4096) + 1 for samples in (24000, 29600, 35200, 40800))
    assert corpus.segments("content", "train") == expected


def test_missing_shard(corpus, tmp_path):
    corpus.manifest.save(tmp_path)
    with pytest.raises(UserError, match=r"\.tfrecord is missing"):
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

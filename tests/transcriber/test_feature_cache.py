import dataclasses
from pathlib import Path

import numpy as np
import pytest

from pipelines.data.batching import unpaired_batches
from pipelines.data.corpus import Corpus
from pipelines.data.schema import DOMAINS, DomainManifest, Manifest
from pipelines.errors import UserError
from tests.data.conftest import SETTINGS, SPEC, make_shard, write_tone
from tests.transcriber.content_decoder import tiny
from transcriber import content, feature_cache
from transcriber.content import NOTE_LOGITS
from transcriber.feature_cache import cached_logits


@pytest.fixture(scope="module")
def transcriber():
    return tiny.transcriber(SPEC)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """Two songs in each domain."""
    songs, folder = tmp_path_factory.mktemp("songs"), tmp_path_factory.mktemp("data")
    domains = {}
    for number, domain in enumerate(DOMAINS):
        records = []
        for seconds in (1.2, 2.0):
            source = songs / domain / f"{seconds}.wav"
            write_tone(source, 300 + 200 * number, seconds)
            records.append(dataclasses.replace(make_shard(source, domain, folder)[1], split="train"))
        domains[domain] = DomainManifest(tuple(records))
    Manifest(SETTINGS, domains).save(folder)
    return Corpus.load(folder)


@pytest.fixture(scope="module")
def frame_features(transcriber, corpus, tmp_path_factory):
    return cached_logits(transcriber, corpus, tmp_path_factory.mktemp("spare"))


def batch(corpus, frame_features):
    frames = SETTINGS.segment_frames
    return next(
        iter(unpaired_batches(corpus, frames=frames, batch_size=6, seed=0, frame_features=frame_features))
    )


def test_cached_logits_are_those_of_the_transcriber(transcriber, corpus, frame_features):
    clips = batch(corpus, frame_features)
    for domain in DOMAINS:
        logits = transcriber.logits(clips[domain])
        assert logits.shape == (6, SETTINGS.segment_frames, NOTE_LOGITS)
        np.testing.assert_allclose(clips[f"{domain}/note_logits"], logits, rtol=2e-3, atol=2e-3)


def test_content_is_the_same_with_and_without(transcriber, corpus, frame_features):
    clips = batch(corpus, frame_features)
    encoder = content.build_encoder(transcriber.network, SPEC)
    content.set_levels(encoder, clips["band"].numpy())
    with_it = content.from_clips(encoder, clips, "band")
    without = content.from_clips(encoder, {"band": clips["band"]}, "band")
    np.testing.assert_allclose(with_it, without, atol=2e-3)
    np.testing.assert_allclose(with_it[:, :, -1], without[:, :, -1], atol=1e-6)


def test_only_missing_logits_are_computed(transcriber, corpus, frame_features, tmp_path, monkeypatch):
    gone = frame_features.path(corpus.songs("band", "train")[1])
    before = gone.read_bytes()
    gone.unlink()
    computed = []
    monkeypatch.setattr(
        feature_cache,
        "_logits",
        lambda *args, real=feature_cache._logits: computed.append(args[-1]) or real(*args),
    )
    assert cached_logits(transcriber, corpus, tmp_path) == frame_features
    assert [song.shard for song in computed] == [corpus.songs("band", "train")[1].shard]
    assert gone.read_bytes() == before


def test_another_transcriber_has_a_folder_of_its_own(transcriber, corpus, frame_features, tmp_path):
    other = tiny.transcriber(SPEC)
    weight = other.network.weights[-1]
    weight.assign(weight + 1)
    theirs = cached_logits(other, corpus, tmp_path)
    assert theirs.folder.parent == frame_features.folder.parent == corpus.folder
    assert theirs.folder != frame_features.folder


def protected(frame_features, song, segments, folder: Path):
    if frame_features.folder.is_relative_to(folder):
        raise PermissionError(13, "Permission denied", str(folder))
    return WRITE(frame_features, song, segments)


WRITE = feature_cache.FrameFeatures.write


def test_a_data_folder_that_cannot_be_written_is_left_alone(
    transcriber, corpus, tmp_path, monkeypatch, capfd
):
    def write(frame_features, song, segments):
        protected(frame_features, song, segments, corpus.folder)

    monkeypatch.setattr(feature_cache.FrameFeatures, "write", write)
    monkeypatch.setattr(feature_cache, "_digest", lambda *args: "new")
    found = cached_logits(transcriber, corpus, tmp_path)
    assert found.folder.parent == tmp_path
    assert batch(corpus, found)["band/note_logits"].shape[-1] == NOTE_LOGITS
    assert f"the note logits are stored in {tmp_path}" in capfd.readouterr().err


def test_without_a_writable_folder_an_error_is_raised(transcriber, corpus, tmp_path, monkeypatch):
    monkeypatch.setattr(feature_cache.FrameFeatures, "write", lambda c, s, x: protected(c, s, x, Path("/")))
    monkeypatch.setattr(feature_cache, "_digest", lambda *args: "none")
    with pytest.raises(UserError, match=r"Permission denied.*make room"):
        cached_logits(transcriber, corpus, tmp_path)

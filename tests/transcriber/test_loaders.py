import pytest

from pipelines.errors import UserError
from tests.data import conftest
from tests.transcriber.content_decoder import tiny
from transcriber import checkpoint
from transcriber.loaders import frame_features, transcriber_of

corpus = conftest.corpus


@pytest.fixture
def path(tmp_path):
    """A transcriber of the data folder's spec."""
    checkpoint.save(tmp_path / "transcriber.npz", tiny.transcriber(conftest.SPEC), {})
    return tmp_path / "transcriber.npz"


def test_the_note_logits_of_all_songs_are_cached(corpus, path, tmp_path):
    assert transcriber_of(corpus, path).spec == corpus.spec
    cache = frame_features(corpus, tmp_path, path)
    songs = [song for domain in ("content", "band") for song in corpus.songs(domain, "train")]
    assert all(cache.path(song).is_file() for song in songs)


def test_a_run_keeps_the_transcriber_that_it_began_with(corpus, path, tmp_path):
    run = tmp_path / "run"
    run.mkdir()
    first = frame_features(corpus, run, path)
    (run / "checkpoints").mkdir()
    (run / "checkpoints/ckpt-1.index").touch()
    other = tiny.transcriber(conftest.SPEC)
    other.network.set_weights([weight + 0.1 for weight in other.network.get_weights()])
    checkpoint.save(path, other, {})
    assert frame_features(corpus, run, path) == first
    assert frame_features(corpus, tmp_path, path) != first
    (run / "transcriber.npz").unlink()
    with pytest.raises(UserError, match="run was begun by an earlier version of Coverband"):
        frame_features(corpus, run, path)


def test_another_spec_is_refused_by_name(corpus):
    with pytest.raises(UserError, match="the transcriber"):
        transcriber_of(corpus)

import pytest

from listener import store
from listener.corpora import heard_in, listener_of
from pipelines.errors import UserError
from tests.data import conftest
from tests.listener.decoder import tiny

corpus = conftest.corpus


@pytest.fixture
def path(tmp_path):
    """A listener of the data folder's spec."""
    store.save(tmp_path / "listener.npz", tiny.listener(conftest.SPEC), {})
    return tmp_path / "listener.npz"


def test_a_listener_of_the_folder_s_spec_hears_its_songs(corpus, path, tmp_path):
    assert listener_of(corpus, path).spec == corpus.spec
    companion = heard_in(corpus, tmp_path, path)
    songs = [song for domain in ("content", "band") for song in corpus.songs(domain, "train")]
    assert all(companion.path(song).is_file() for song in songs)


def test_another_spec_is_refused_by_name(corpus):
    with pytest.raises(UserError, match="the listener"):
        listener_of(corpus)

import numpy as np
import pytest

from pipelines.inference.windows import Windows
from pipelines.nn.pitches import PITCHES
from tests.contracts import randomize
from tests.transcriber import scenes
from tests.transcriber.scenes import SPEC, config
from transcriber.piano_roll import DRUM_CLASSES
from transcriber.transcriber import Transcriber

WIDTHS = (PITCHES, PITCHES, len(DRUM_CLASSES))


@pytest.fixture(scope="module")
def network():
    return scenes.network()


def transcriber_of(network, window):
    """A transcriber with windows of so many frames."""
    transcriber = Transcriber(network, config().network, SPEC)
    transcriber.windows = Windows.from_context(
        window, context=transcriber.windows.margin, multiple=transcriber.windows.multiple
    )
    return transcriber


def song(frames):
    return np.random.default_rng(3).uniform(-0.9, 0.4, (frames, SPEC.n_mels)).astype(np.float32)


def whole(network, log_mel):
    """Probabilities by the network itself, silence appended to an even number of frames."""
    padded = np.pad(log_mel, ((0, len(log_mel) % 2), (0, 0)), constant_values=-1)
    logits = network(padded[None, ..., None])
    found = [logits[name].numpy()[0, : len(log_mel)] for name in ("sounding", "onset", "drums")]
    return [1 / (1 + np.exp(-part)) for part in found]


@pytest.fixture(scope="module", params=[8, 2048])
def transcriber(network, request):
    return transcriber_of(network, request.param)


@pytest.mark.parametrize("frames", [1, 30, 101])
def test_windowed_equals_whole(network, transcriber, frames):
    posteriors = transcriber(song(frames))
    assert [part.shape for part in posteriors] == [(frames, width) for width in WIDTHS]
    for ours, theirs in zip(posteriors, whole(network, song(frames)), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-4)
    assert np.ptp(posteriors.sounding) > 0.01


def test_the_network_sees_one_window_and_its_context_at_a_time(network):
    transcriber, seen = transcriber_of(network, 8), []
    graph = transcriber._graph
    transcriber._graph = lambda x: seen.append(x.shape[1]) or graph(x)
    transcriber(song(101))
    assert max(seen) == 8 + 2 * transcriber.windows.margin
    assert len(seen) == 13


def test_float16_is_transcribed_like_float32(network):
    transcriber, stored = transcriber_of(network, 2048), song(30).astype(np.float16)
    for ours, theirs in zip(transcriber(stored), transcriber(stored.astype(np.float32)), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_a_window_may_have_any_length(network):
    posteriors = transcriber_of(network, 2048).window(song(31)[None, ..., None])
    np.testing.assert_allclose(posteriors[0], np.concatenate(whole(network, song(31)), axis=1), atol=1e-5)


def test_it_follows_its_network_s_weights(network):
    transcriber, before = transcriber_of(network, 2048), network.get_weights()
    first = transcriber(song(30)).sounding
    randomize(network, seed=1)
    assert np.abs(transcriber(song(30)).sounding - first).max() > 0.01
    network.set_weights(before)
    np.testing.assert_allclose(transcriber(song(30)).sounding, first, atol=1e-6)

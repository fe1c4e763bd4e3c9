import numpy as np
import pytest

from pipelines.nn.pitches import PITCHES
from tests.transcriber import scenes
from tests.transcriber.scenes import SPEC
from transcriber.config import PRESETS
from transcriber.network_config import NetworkConfig, context_frames
from transcriber.networks import build_network
from transcriber.piano_roll import DRUM_CLASSES

SHAPES = {"sounding": PITCHES, "onset": PITCHES, "drums": len(DRUM_CLASSES)}


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_s_network_is_no_larger_than_stated(name):
    config = PRESETS[name].config()
    assert config.preset == name
    network = build_network(config.network, config.spec)
    assert network.input_shape == (None, None, config.spec.n_mels, 1)
    assert {name: logits.shape[-1] for name, logits in network.output.items()} == SHAPES
    assert 1e5 < network.count_params() <= 2e6
    assert config.data.frames % config.network.time_stride == 0


@pytest.fixture(scope="module", params=[(2, (1,)), (1, (1, 3))], ids="stride{0[0]}-dilations{0[1]}".format)
def built(request):
    """A network of random weights."""
    stride, dilations = request.param
    fields = {"time_stride": stride, "dilations": dilations}
    return scenes.network(**fields), NetworkConfig(**scenes.NETWORK | fields)


def song(frames, seed=9):
    shape = (1, frames, SPEC.n_mels, 1)
    return np.random.default_rng(seed).uniform(-0.9, 0.4, shape).astype(np.float32)


def logits(network, x):
    """All of them beside each other, [frames, logits]."""
    return np.concatenate([part[0] for part in network(x).values()], axis=1)


@pytest.mark.parametrize("frames", [2, 20])
def test_it_gives_logits_of_every_frame(built, frames):
    found = built[0](song(frames))
    assert {name: part.shape for name, part in found.items()} == {
        name: (1, frames, width) for name, width in SHAPES.items()
    }


def test_all_of_a_clip_s_logits_depend_on_it(built):
    one, other = (logits(built[0], song(20, seed)) for seed in (1, 2))
    assert np.abs(one - other).min(axis=0).max() > 0.01


def test_untrained_it_expects_little(built):
    network = build_network(built[1], SPEC)
    assert 1 / (1 + np.exp(-logits(network, song(20)))).mean() < 0.3


def test_the_context_is_enough_and_not_absurd(built):
    network, config = built
    context, stride = context_frames(config), config.time_stride
    middle = context + 2 * stride
    plain, before, after = logits(network, song(2 * middle)), 0, 0
    for frame in range(middle, middle + stride):
        other = song(2 * middle)
        other[:, frame] = 0.9 - other[:, frame]
        moved = np.flatnonzero(np.abs(logits(network, other) - plain).max(axis=1) > 1e-6)
        before, after = max(before, frame - moved[0]), max(after, moved[-1] - frame)
    assert max(before, after) <= context
    assert min(before, after) >= context - 2 * stride


def test_nothing_is_learnt_from_frames_beyond_the_context(built):
    """Logits do not depend on what follows their context: neither on its level nor its length."""
    network, config = built
    frames = 2 * context_frames(config)
    kept = slice(0, frames - context_frames(config))
    whole = song(2 * frames)
    louder = whole.copy()
    louder[:, frames:] = 0.5 - louder[:, frames:]
    plain = logits(network, whole)[kept]
    np.testing.assert_allclose(logits(network, louder)[kept], plain, atol=1e-5)
    np.testing.assert_allclose(logits(network, whole[:, :frames])[kept], plain, atol=1e-4)


def test_clips_of_a_batch_do_not_know_of_each_other(built):
    clips = np.concatenate([song(20, seed) for seed in (1, 2)])
    together = [part.numpy() for part in built[0](clips).values()]
    alone = [part.numpy() for part in built[0](clips[1:]).values()]
    for ours, theirs in zip(together, alone, strict=True):
        np.testing.assert_allclose(ours[1:], theirs, atol=1e-4)

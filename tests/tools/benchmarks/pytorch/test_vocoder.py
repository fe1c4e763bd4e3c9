import pytest
import tensorflow as tf

from pipelines.audio.features import log_mel
from pipelines.audio.stft import stft
from pipelines.nn.neural_vocoder import signal
from tests.vocoder import tiny
from vocoder.augmentation import simulated_source

pytest.importorskip("torch", reason="PyTorch, the extra 'speed', is not installed")

from tests.tools.benchmarks.pytorch import fixed
from tools.benchmarks.pytorch import augmentation, vocoder

BATCH = tiny.batch(0)
SPEC = tiny.SPEC


def fresh(**groups):
    made = tiny.model(**groups)
    fixed.shaken(made.discriminator)
    # Small corrections, as those that are learnt.
    fixed.shaken(made.network, scale=0.1)
    return made


def test_the_networks_are_the_same():
    ours = fresh()
    theirs = vocoder.Vocoder(ours)
    seen = tf.random.stateless_normal([2, 9, ours.network.input_shape[-1]], [1, 2])
    fixed.compare(ours.network(seen), theirs.network(fixed.tensor(seen)))
    fixed.compare(ours.discriminator(BATCH["band"]), theirs.discriminator(fixed.tensor(BATCH["band"])))
    for name in ("network", "discriminator"):
        assert fixed.weights(getattr(ours, name)) == fixed.parameters(getattr(theirs, name))


def test_what_it_starts_from_and_sees_is_the_same(monkeypatch):
    fixed.fix_the_dice(monkeypatch)
    config, band, content = tiny.config().source, BATCH["band"], BATCH["content"]
    source = simulated_source(SPEC, band, content, config, iter(tf.zeros([16, 2], tf.int32)))
    signals = vocoder.Signals(SPEC)
    tensors = [fixed.tensor(clips) for clips in (band, content)]
    fixed.compare(source, augmentation.simulated_source(signals, *tensors, config))
    told, spectra = log_mel(SPEC, band, center=False), stft(SPEC, source, center=False)
    fixed.compare(told[..., 0], signals.log_mel(signals.stft(tensors[0]).abs()))
    ours = signal.partly_sourced(SPEC, told, spectra, 1, 0)
    theirs = signals.start(fixed.tensor(told[..., 0]), fixed.tensor(spectra), 1)
    spectra, found = tf.cast(ours.magnitude, tf.complex64) * ours.phase, theirs.magnitude * theirs.phase
    # Of the first clip phases are made up: where little sounds, by rounding errors.
    fixed.compare(spectra[0], found[0], tolerance=2e-3)
    fixed.compare(spectra[1], found[1])
    fixed.compare(
        signal.features(told, ours, 40)[1], vocoder.features(fixed.tensor(told[..., 0]), theirs, 40)[1]
    )


def test_steps_are_the_same(monkeypatch):
    ours = fresh(discriminator={"begin": 0.0}, source={"unsourced": 0.0}, network={"causal": True})
    loss = ours.config.loss
    weights = {"stft": loss.stft, "mel": loss.mel, "amplitude": loss.amplitude}
    weights |= {"adversarial": loss.adversarial, "features": loss.features}
    fixed.same_steps(monkeypatch, ours, vocoder.step, BATCH, weights)

import pytest
import tensorflow as tf

from pipelines.audio.features import log_mel
from pipelines.audio.stft import stft
from pipelines.nn.neural_vocoder import signal
from tests.vocoder import tiny
from vocoder.augmentation import simulated_source

pytest.importorskip("torch", reason="PyTorch, the extra 'speed', is not installed")

from tests.tools.benchmarks.pytorch import equivalence
from tools.benchmarks.pytorch import vocoder, waveform_augmentation

BATCH = tiny.batch(0)
SPEC = tiny.SPEC


def fresh(**groups):
    made = tiny.model(**groups)
    equivalence.randomize_weights(made.discriminator)
    # Small corrections, like those of a trained network.
    equivalence.randomize_weights(made.network, scale=0.1)
    return made


def test_equal_networks():
    ours = fresh()
    theirs = vocoder.Vocoder(ours)
    features = tf.random.stateless_normal([2, 9, ours.network.input_shape[-1]], [1, 2])
    equivalence.assert_close(ours.network(features), theirs.network(equivalence.tensor(features)))
    equivalence.assert_close(
        ours.discriminator(BATCH["band"]), theirs.discriminators(equivalence.tensor(BATCH["band"]))
    )
    assert equivalence.weights(ours.network) == equivalence.parameters(theirs.network)
    assert equivalence.weights(ours.discriminator) == equivalence.parameters(theirs.discriminators)


def test_equal_initial_spectra_and_features(monkeypatch):
    equivalence.fix_random_draws(monkeypatch)
    config, band, content = tiny.config().source, BATCH["band"], BATCH["content"]
    source = simulated_source(SPEC, band, content, config, iter(tf.zeros([16, 2], tf.int32)))
    signals = vocoder.Signals(SPEC)
    tensors = [equivalence.tensor(clips) for clips in (band, content)]
    equivalence.assert_close(source, waveform_augmentation.simulated_source(signals, *tensors, config))
    mel, spectra = log_mel(SPEC, band, center=False), stft(SPEC, source, center=False)
    equivalence.assert_close(mel[..., 0], signals.log_mel(signals.stft(tensors[0]).abs()))
    ours = signal.partly_sourced(SPEC, mel, spectra, 1, 0)
    theirs = signals.start(equivalence.tensor(mel[..., 0]), equivalence.tensor(spectra), 1)
    spectra, found = tf.cast(ours.magnitude, tf.complex64) * ours.phase, theirs.magnitude * theirs.phase
    # The first clip has no source: its phases in near silence depend on rounding errors.
    equivalence.assert_close(spectra[0], found[0], tolerance=2e-3)
    equivalence.assert_close(spectra[1], found[1])
    equivalence.assert_close(
        signal.features(mel, ours, 40)[1], vocoder.features(equivalence.tensor(mel[..., 0]), theirs, 40)[1]
    )


def test_equal_steps(monkeypatch):
    ours = fresh(discriminator={"begin": 0.0}, source={"unsourced": 0.0}, network={"causal": True})
    loss = ours.config.loss
    weights = {"stft": loss.stft, "mel": loss.mel, "amplitude": loss.amplitude}
    weights |= {"adversarial": loss.adversarial, "features": loss.features}
    equivalence.assert_equal_steps(monkeypatch, ours, vocoder.step, BATCH, weights)

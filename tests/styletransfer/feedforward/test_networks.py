import keras
import numpy as np
import pytest

from pipelines.nn.discriminators import build_discriminator
from styletransfer.feedforward import networks
from tests.styletransfer.feedforward import tiny
from tests.transcriber.content_decoder import tiny as content_decoder

BAND = tiny.crops()["band"]


def test_a_bank_is_its_seed_s():
    one, same, other = (tiny.bank(perceptual={"seed": seed}) for seed in (1, 1, 2))
    for a, b, c in zip(*(bank(BAND[:2]) for bank in (one, same, other)), strict=True):
        np.testing.assert_array_equal(a, b)
        assert np.abs(np.asarray(a) - np.asarray(c)).max() > 0.1


def test_a_bank_correlates_standardised_frames():
    bank = tiny.bank()
    found = bank(BAND[:1])
    mean, deviation = BAND.mean((0, 1, 3)), np.maximum(BAND.std((0, 1, 3)), 0.02)
    frames = (BAND[0, :, :, 0] - mean) / deviation
    for width, got in zip((1, 3), found, strict=True):
        kernel, bias = (np.asarray(weight) for weight in bank.get_layer(f"width{width}").weights)
        windows = np.lib.stride_tricks.sliding_window_view(frames, width, axis=0)
        expected = np.maximum(np.einsum("tmw,wmf->tf", windows, kernel) + bias, 0)
        np.testing.assert_allclose(got[0, :, 0], expected, atol=1e-4)


@pytest.mark.parametrize("kind", ["bank", "transcriber", "discriminator"])
def test_features_are_standardised_by_the_band_and_frozen(kind):
    network = {
        "bank": tiny.bank,
        "transcriber": lambda: networks.style_of_transcriber(
            content_decoder.transcriber().network, content_decoder.NETWORK.time_stride
        ),
        "discriminator": lambda: networks.features_of_discriminator(
            build_discriminator(4, 1, 2, frames=tiny.FRAMES, mels=tiny.SPEC.n_mels, name="discriminator"),
            tiny.SPEC,
        ),
    }[kind]()
    standard = networks.standardised(network, BAND)
    assert len(standard.outputs) == len(network.outputs) >= 2
    assert not standard.trainable_variables
    for x in standard(BAND):
        values = np.asarray(x)
        np.testing.assert_allclose(values.mean((0, 1)), 0, atol=1e-3)
        assert values.std((0, 1)).max() == pytest.approx(1, abs=0.01)


def test_the_transcriber_s_joint_map_holds_the_spectrum_and_the_trunk():
    transcriber = content_decoder.transcriber()
    stride = content_decoder.NETWORK.time_stride
    joint, beat = networks.style_of_transcriber(transcriber.network, stride)(BAND[:1])
    spectrum = BAND[0].reshape(-1, stride * tiny.SPEC.n_mels)
    np.testing.assert_allclose(joint[0, :, 0, : spectrum.shape[1]], spectrum, atol=1e-6)
    trunk = keras.Model(transcriber.network.input, transcriber.network.get_layer(networks.TRUNK).output)(
        BAND[:1]
    )
    np.testing.assert_allclose(joint[0, :, 0, spectrum.shape[1] :], trunk[0], atol=1e-5)
    expected = np.asarray(joint)[0, :4].mean(0)
    np.testing.assert_allclose(beat[0, 0], expected, atol=1e-5)

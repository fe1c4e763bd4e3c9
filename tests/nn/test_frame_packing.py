import keras
import numpy as np

from pipelines.nn.frame_packing import folded, log_mel_of

FRAMES, MELS, STRIDE = 6, 4, 2


def test_frames_of_a_position_lie_beside_each_other():
    given = keras.Input((None, MELS, 1))
    x = np.random.default_rng(0).normal(size=(2, FRAMES, MELS, 1)).astype(np.float32)
    found = keras.Model(given, folded(given, STRIDE))(x).numpy()
    assert found.shape == (2, FRAMES // STRIDE, STRIDE * MELS)
    for position in range(FRAMES // STRIDE):
        frames = x[:, STRIDE * position : STRIDE * (position + 1), :, 0]
        np.testing.assert_array_equal(np.sort(found[:, position]), np.sort(frames.reshape(2, -1)))


def test_a_decoder_s_numbers_come_out_in_the_domain_s_own_spread():
    """Per position: of each band its frames, one after the other."""
    given = keras.Input((None, MELS * STRIDE))
    model = keras.Model(given, log_mel_of(given, MELS, STRIDE, "spread"))
    mean, deviation = np.arange(MELS, dtype=np.float32), np.full(MELS, 2.0, np.float32)
    model.get_layer("spread").set_statistics(mean, deviation)
    x = np.random.default_rng(1).normal(size=(1, FRAMES // STRIDE, MELS * STRIDE)).astype(np.float32)
    standard = x.reshape(1, FRAMES // STRIDE, MELS, STRIDE).transpose(0, 1, 3, 2).reshape(1, FRAMES, MELS)
    np.testing.assert_allclose(model(x)[..., 0], 2 * standard + mean, atol=1e-5)

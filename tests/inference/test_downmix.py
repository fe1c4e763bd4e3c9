import numpy as np
import soundfile

from pipelines.inference import downmix


def test_blocks_are_the_channels_mean(tmp_path):
    rate, chance = 16000, np.random.default_rng(0)
    sound = (0.1 * chance.normal(size=(25 * rate, 2)) * [1.0, 0.3]).astype(np.float32)
    soundfile.write(tmp_path / "song.wav", sound, rate, subtype="FLOAT")
    blocks = list(downmix.blocks(tmp_path / "song.wav", rate))
    assert len(blocks) > 1
    np.testing.assert_allclose(np.concatenate(blocks)[:, 0], sound.mean(axis=1), atol=1e-6)

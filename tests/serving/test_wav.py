import io

import numpy as np
import pytest
import soundfile

from pipelines.serving import wav


@pytest.mark.parametrize("channels", [1, 2])
def test_soundfile_reads_the_file(channels: int):
    samples = np.linspace(-1.5, 1.0, 60, dtype=np.float32).reshape(-1, channels)
    head = wav.header(22050, channels, len(samples))
    assert len(head) == wav.HEADER_BYTES
    read, rate = soundfile.read(io.BytesIO(head + wav.encode_samples(samples)), always_2d=True)
    assert rate == 22050
    np.testing.assert_allclose(read, np.clip(samples, -1, 1), atol=1e-4)

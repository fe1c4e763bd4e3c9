import numpy as np
import soundfile

from tools.rendering import ogg, synth


def _noise():
    return np.random.default_rng(0).normal(0, 0.1, (44100, 2)).astype(np.float32)


def test_files_are_reproducible_and_decodable(tmp_path):
    files = [tmp_path / "1.ogg", tmp_path / "2.ogg"]
    for path in files:
        synth.write(path, _noise())
    before = soundfile.read(files[0])[0]
    for path in files:
        ogg.set_serial(path)
    assert files[0].read_bytes() == files[1].read_bytes()
    np.testing.assert_array_equal(soundfile.read(files[0])[0], before)


def test_checksums_equal_those_of_the_encoder(tmp_path):
    path = tmp_path / "1.ogg"
    synth.write(path, _noise())
    data = path.read_bytes()
    ogg.set_serial(path, int.from_bytes(data[14:18], "little"))
    assert path.read_bytes() == data

import numpy as np
import soundfile

from tools.rendering import ogg, synth


def _sound():
    return np.random.default_rng(0).normal(0, 0.1, (44100, 2)).astype(np.float32)


def test_the_same_sound_gives_the_same_bytes_and_is_still_decoded(tmp_path):
    files = [tmp_path / "1.ogg", tmp_path / "2.ogg"]
    for path in files:
        synth.store(path, _sound())
    before = soundfile.read(files[0])[0]
    for path in files:
        ogg.set_serial(path)
    assert files[0].read_bytes() == files[1].read_bytes()
    np.testing.assert_array_equal(soundfile.read(files[0])[0], before)


def test_the_encoder_s_own_serial_gives_its_own_checksums(tmp_path):
    path = tmp_path / "1.ogg"
    synth.store(path, _sound())
    data = path.read_bytes()
    ogg.set_serial(path, int.from_bytes(data[14:18], "little"))
    assert path.read_bytes() == data

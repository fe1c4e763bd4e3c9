"""One upload, decoded in a process of its own."""

import math
import threading
import time

import numpy as np
import pytest
import soundfile

from tests import odd_audio
from tools.serving import decode

RATE = 44100


def order(folder, samples):
    soundfile.write(folder / "song.flac", samples, RATE)
    return decode.Order(folder / "song.flac", folder / "samples", RATE, 600.0, 1 << 30, 60)


@pytest.mark.parametrize("level", [1.0, 0.0])
def test_what_is_decoded_comes_back(tmp_path, level):
    music = level * odd_audio.music(2.0)
    found = decode.run(order(tmp_path, music), 60.0, threading.Event())
    assert isinstance(found, decode.Decoded)
    assert (found.samples, found.channels) == music.shape
    assert math.isfinite(found.loudness) == bool(level)
    decoded = np.fromfile(tmp_path / "samples", "<f4").reshape(music.shape)
    np.testing.assert_allclose(decoded, music, atol=1e-4)


def test_what_nobody_waits_for_is_killed(tmp_path):
    long, unwanted = order(tmp_path, np.tile(odd_audio.music(2.0), (200, 1))), threading.Event()
    threading.Timer(0.3, unwanted.set).start()
    began = time.monotonic()
    assert decode.run(long, 60.0, unwanted) == decode.FAILED
    whole = (tmp_path / "samples").stat().st_size if (tmp_path / "samples").exists() else 0
    assert whole < 400 * RATE * 2 * 4
    assert time.monotonic() - began < 30

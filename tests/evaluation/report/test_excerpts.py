import io

import librosa
import numpy as np
import pytest
import soundfile
from PIL import Image

from pipelines.evaluation.report import excerpts

RATE = 22050


def tone(hertz, seconds, level=0.5):
    return (level * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)).astype(np.float32)


@pytest.mark.parametrize(
    ("start", "first"), [(2.0, 2.0), (100.0, 4.0)], ids=["inside", "ends before: its last seconds"]
)
def test_excerpts(tmp_path, start, first):
    song = np.linspace(-0.5, 0.5, 12 * RATE, dtype=np.float32)
    soundfile.write(tmp_path / "song.wav", song, RATE, subtype="FLOAT")
    cut = excerpts.excerpt(tmp_path / "song.wav", RATE, start)
    begin = round(first * RATE)
    np.testing.assert_allclose(cut, song[begin : begin + 8 * RATE], atol=1e-6)


def test_vorbis_keeps_the_audio_and_is_small():
    wave = tone(440, 8.0)
    written = excerpts.vorbis(wave, RATE)
    read, rate = soundfile.read(io.BytesIO(written))
    assert (rate, len(read)) == (RATE, len(wave))
    assert np.abs(read - wave).mean() < 0.02
    assert len(written) < 150_000


@pytest.mark.parametrize("hertz", [250.0, 1000.0, 4000.0])
def test_a_tone_is_at_its_tick(hertz):
    levels = excerpts.decibels(tone(hertz, 1.0), RATE).mean(axis=1)
    height = (levels.argmax() + 0.5) / excerpts.BANDS
    assert height == pytest.approx(excerpts.height_of(hertz, RATE), abs=0.02)
    mel = librosa.hz_to_mel(hertz) / librosa.hz_to_mel(RATE / 2)
    assert excerpts.height_of(hertz, RATE) == pytest.approx(mel)


def test_images_share_a_scale():
    loud, quiet = (excerpts.decibels(tone(1000, 1.0, level), RATE) for level in (0.5, 0.005))
    brightest = [
        np.asarray(Image.open(io.BytesIO(excerpts.png(each, loud.max())))).max() for each in (loud, quiet)
    ]
    # 40 of 80 dB lower: half as far up the 64 colours.
    assert brightest[0] == 63
    assert brightest[1] == pytest.approx(31.5, abs=1)


def test_low_frequencies_are_at_the_bottom():
    picture = np.asarray(Image.open(io.BytesIO(excerpts.png(excerpts.decibels(tone(200, 1.0), RATE), 20.0))))
    assert picture.mean(axis=1).argmax() > 0.8 * excerpts.BANDS


def test_silence_and_short_excerpts_have_images():
    for samples in (0, 5, RATE):
        levels = excerpts.decibels(np.zeros(samples, np.float32), RATE)
        assert np.isfinite(levels).all()
        assert len(excerpts.png(levels, float(levels.max()))) > 50

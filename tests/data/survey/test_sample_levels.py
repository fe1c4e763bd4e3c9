import numpy as np
import pytest

from pipelines.data.survey.sample_levels import ClippingMeter, ImageMeter, SilenceMeter, image

RATE = 8000


def measure(meter, samples, size=1777):
    """Adds samples in blocks that do not match the meters' windows."""
    for start in range(0, len(samples), size):
        meter.add(samples[start : start + size].astype(np.float32))
    return meter


def noise(seconds, level, channels=1):
    return level * np.random.default_rng(0).normal(size=(round(seconds * RATE), channels))


def test_silence_at_both_ends_and_inside():
    parts = [np.zeros((RATE, 2)), noise(2, 0.1, 2), np.zeros((RATE // 2, 2)), noise(1, 0.1, 2)]
    meter = measure(SilenceMeter(RATE), np.concatenate([*parts, np.zeros((2 * RATE, 2))]))
    assert meter.share() == pytest.approx(3.5 / 6.5, abs=0.01)
    assert meter.ends() == pytest.approx((1.0, 2.0), abs=0.06)


@pytest.mark.parametrize(("quiet", "silent"), [(1e-2, 0.0), (1e-5, 0.5)])
def test_quiet_music_is_not_silence_but_noise_far_below_it_is(quiet, silent):
    meter = measure(SilenceMeter(RATE), np.concatenate([noise(2, 0.1), noise(2, quiet)]))
    assert meter.share() == pytest.approx(silent, abs=0.02)


def test_complete_silence():
    meter = measure(SilenceMeter(RATE), np.zeros((RATE, 1)))
    assert (meter.share(), meter.ends()) == (1.0, (0.0, 0.0))
    assert SilenceMeter(RATE).share() == 1.0


@pytest.mark.parametrize("gain", [1.0, 0.3])
def test_attenuated_flat_tops_are_counted(gain):
    wave = 1.5 * np.sin(2 * np.pi * 50 * np.arange(RATE) / RATE)[:, None]
    clipped = np.round(np.clip(wave, -1, 1) * gain * 32767) / 32768
    assert measure(ClippingMeter(), clipped, RATE).share() == pytest.approx(
        (np.abs(wave) >= 1).mean(), abs=0.002
    )


def test_a_whole_wave_is_not_clipped():
    wave = np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)[:, None]
    meter = measure(ClippingMeter(), np.round(wave * 32767) / 32768)
    assert meter.share() == 0.0
    assert meter.peak == pytest.approx(1.0, abs=1e-3)
    assert measure(ClippingMeter(), np.zeros((9, 2))).share() == 0.0


def test_samples_above_full_scale_are_counted():
    wave = 1.2 * np.sin(2 * np.pi * 440.3 * np.arange(RATE) / RATE)[:, None]
    assert measure(ClippingMeter(), wave).share() == pytest.approx((np.abs(wave) > 1).mean(), abs=1e-3)


def test_width_is_the_energy_of_the_sides():
    mid, side = noise(1, 0.1)[:, 0], 0.05 * np.random.default_rng(1).normal(size=RATE)
    both = np.stack([mid + side, mid - side], axis=1)
    expected = 10 * np.log10(np.square(side).sum() / np.square(mid).sum())
    assert measure(ImageMeter(), both).width_db() == pytest.approx(expected, abs=0.01)


def test_images():
    mono = noise(1, 0.1)
    assert image(measure(ImageMeter(), mono).width_db()) == "mono"
    assert image(measure(ImageMeter(), np.repeat(mono, 2, axis=1)).width_db()) == "dual mono"
    assert image(measure(ImageMeter(), np.concatenate([mono, -mono], axis=1)).width_db()) == "opposed"
    assert image(measure(ImageMeter(), noise(1, 0.1, 2)).width_db()) == "stereo"

import numpy as np
import pytest

from pipelines.nn.pitches import PITCHES
from tests.transcriber.scenes import NOTHING, SPEC
from transcriber.piano_roll import Roll, from_notes
from transcriber.pictures import comparison, picture

FRAMES = 20


def roll(sounding=0.0, onset=0.0, drums=0.0, key=0, kind=0, frame=10):
    """Silence but for one frame of one key and of one drum."""
    made = from_notes(SPEC, NOTHING, NOTHING, FRAMES)
    made.sounding[frame, key], made.onset[frame, key], made.drums[frame, kind] = sounding, onset, drums
    return made


def difference(one, other):
    """Rows and columns in which two pictures differ, first and last."""
    differs = (one != other).any(axis=2)
    return [(int(side[0]), int(side[-1])) for side in map(np.flatnonzero, (differs.any(1), differs.any(0)))]


def brightness(image):
    return float(image.astype(float).sum())


def test_a_roll_is_two_pixels_a_frame_and_a_key_and_drums_lie_below_a_white_line():
    image = picture(roll())
    assert image.shape == (2 * PITCHES + 1 + 3 * 4, 2 * FRAMES, 3)
    assert image.dtype == np.uint8
    assert (image[2 * PITCHES] == 255).all()
    assert (image[: 2 * PITCHES] == image[0, 0]).all()


@pytest.mark.parametrize("key", [0, 40, 87])
def test_a_key_has_its_row_the_low_ones_at_the_bottom(key):
    rows, columns = difference(picture(roll(sounding=1.0, key=key)), picture(roll()))
    assert rows == (2 * (87 - key), 2 * (87 - key) + 1)
    assert columns == (20, 21)


@pytest.mark.parametrize("kind", [0, 2])
def test_a_drum_has_its_row(kind):
    rows, columns = difference(picture(roll(drums=1.0, kind=kind, frame=0)), picture(roll()))
    top = 2 * PITCHES + 1 + 4 * (2 - kind)
    assert rows == (top, top + 3)
    assert columns == (0, 1)


@pytest.mark.parametrize("part", ["sounding", "onset", "drums"])
def test_what_is_more_likely_is_brighter(part):
    values = [brightness(picture(roll(**{part: value}))) for value in (0.0, 0.3, 0.6, 1.0)]
    assert values == sorted(set(values))


def test_an_onset_is_brightest():
    assert brightness(picture(roll(1.0, 1.0))) > brightness(picture(roll(1.0))) > brightness(picture(roll()))


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_a_comparison_is_spectrogram_score_and_transcription(dtype):
    log_mel = np.random.default_rng(0).uniform(-1, 0, (FRAMES, SPEC.n_mels)).astype(dtype)
    truth, posteriors = roll(sounding=1.0), roll(sounding=0.5, key=9)
    image = comparison(log_mel, truth, posteriors)
    height = len(picture(truth))
    assert image.shape == (SPEC.n_mels + 2 * (4 + height), 2 * FRAMES, 3)
    assert image.dtype == np.uint8
    np.testing.assert_array_equal(image[-height:], picture(posteriors))
    np.testing.assert_array_equal(image[SPEC.n_mels + 4 : SPEC.n_mels + 4 + height], picture(truth))
    assert len(np.unique(image[: SPEC.n_mels], axis=0)) > 10


def test_low_bands_are_at_the_bottom_of_the_spectrogram_and_loud_ones_bright():
    log_mel = np.full((FRAMES, SPEC.n_mels), -0.9, np.float32)
    log_mel[:, 3] = 0.0
    rows = comparison(log_mel, roll(), roll())[: SPEC.n_mels].astype(int).sum(axis=(1, 2))
    assert rows.argmax() == SPEC.n_mels - 1 - 3


def test_silence_can_be_shown():
    silence = np.full((FRAMES, SPEC.n_mels), -1.0, np.float32)
    assert comparison(silence, *[Roll(*roll())] * 2).any()

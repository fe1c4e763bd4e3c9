import itertools

import numpy as np
import pytest

from pipelines.data.statistics import MIN_DEVIATION
from tests.vaegan.base import tiny
from transcriber.piano_roll import Roll
from transcriber.transcription_data import Example, Recording
from vaegan.base.pairs import Pairs, batches, style_start
from vaegan.base.recordings import TranscribedRecording

FRAMES, STYLE = 16, 24


def numbered(excerpt, number, frames=100):
    """Recording whose every number is that of its frame, plus 400 times its own number."""
    values = np.repeat(np.arange(frames, dtype=np.float32)[:, None], tiny.SPEC.n_mels, axis=1)
    return tiny.transcribed(excerpt, values + 400.0 * number)


def drawn(recordings, count=6, first=0, size=3):
    data = batches(Pairs(recordings, FRAMES, STYLE), size, seed=1, first_step=first)
    return list(itertools.islice(data.as_numpy_iterator(), count))


def test_both_clips_are_of_the_same_frames_and_of_two_recordings():
    pieces = [numbered("a", 0), numbered("a", 1), numbered("b", 2), numbered("b", 3), numbered("c", 4)]
    seen = set()
    for batch in drawn(pieces):
        for source, target, style in zip(batch["content"], batch["band"], batch["style"], strict=True):
            (who, at), (other, where) = (divmod(float(x[0, 0, 0]), 400) for x in (source, target))
            assert {who, other} in ({0, 1}, {2, 3})
            assert at == where
            whose, start = divmod(float(style[0, 0, 0]), 400)
            assert whose == other
            assert start + STYLE <= at or start >= at + FRAMES
            seen.add(other)
    assert seen == {0, 1, 2, 3}


def test_a_later_start_gives_what_would_have_come():
    pieces = tiny.recordings()
    for ours, theirs in zip(drawn(pieces, 2, first=3), drawn(pieces, 5)[3:], strict=True):
        for name in ours:
            np.testing.assert_array_equal(ours[name], theirs[name])


def test_the_level_is_in_deviations_of_its_own_recording():
    quiet, loud = numbered("a", 0), numbered("a", 1)
    for batch in drawn([quiet, loud]):
        for source, level in zip(batch["content"], batch["content/level"], strict=True):
            frames = source[:, 0, 0] % 400
            expected = (frames - np.arange(100).mean()) / np.arange(100).std()
            np.testing.assert_allclose(level[:, 0], expected, atol=1e-2)


def test_a_short_recording_is_padded_with_silence():
    (batch,) = drawn([numbered("a", 0, 10), numbered("a", 0, 10)], 1)
    assert (batch["band"][:, 10:] == -1).all()
    assert (batch["style"][:, 10:] == -1).all()


def test_without_twins_there_are_no_pairs():
    with pytest.raises(ValueError, match="no two recordings"):
        Pairs([numbered("a", 0), numbered("b", 1)], FRAMES, STYLE)


@pytest.mark.parametrize("length", [30, 40, 60, 100])
def test_a_style_clip_is_within_the_recording_and_beside_the_clip_if_it_can_be(length):
    for start in range(length - FRAMES + 1):
        fits = max(start, length - start - FRAMES) >= STYLE
        for share in (0.0, 0.5, 0.999):
            first = style_start(length, start, FRAMES, STYLE, share)
            assert 0 <= first <= length - STYLE
            assert not fits or first + STYLE <= start or first >= start + FRAMES


def test_a_recording_is_measured():
    log_mel = np.random.default_rng(0).normal(size=(50, tiny.SPEC.n_mels)).astype(np.float16)
    log_mel[:, 3] = 0.5
    nothing = np.zeros((0, 3))
    source = Recording("a", "train", None, None, "tune")
    found = TranscribedRecording.of(Example(source, log_mel, nothing, nothing, Roll(*[nothing] * 3)), nothing)
    values = log_mel.astype(np.float64)
    assert found.excerpt == "tune"
    np.testing.assert_allclose(found.statistics[0], values.mean(axis=0), atol=1e-5)
    np.testing.assert_allclose(found.statistics[1], np.maximum(values.std(axis=0), MIN_DEVIATION), atol=1e-5)
    np.testing.assert_allclose(found.level, (values.mean(), values.mean(axis=1).std()), atol=1e-4)

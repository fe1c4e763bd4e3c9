import dataclasses
import itertools

import numpy as np
import pytest

from tests.transcriber import scenes
from transcriber.augment import LABELS
from transcriber.batches import batches
from transcriber.piano_roll import Roll
from transcriber.transcription_data import Example


def drawn(count, examples=None, frames=scenes.FRAMES, size=2, seed=5, first=0):
    examples = examples or scenes.of_split("train")
    data = batches(examples, frames=frames, batch_size=size, seed=seed, first_step=first)
    return [{name: x.numpy() for name, x in batch.items()} for batch in itertools.islice(data, count)]


def parts(example):
    """Tensors of an example by their names in a batch."""
    return {"log_mel": example.log_mel[..., None], **dict(zip(LABELS, example.roll, strict=True))}


def flat(frames, value):
    """An example of equal values."""
    mel, *roll = (np.full((frames, width), value, np.float32) for width in (scenes.SPEC.n_mels, 88, 88, 3))
    return Example(scenes.example("low").recording, mel, scenes.NOTHING, scenes.NOTHING, Roll(*roll))


@pytest.mark.parametrize("first", [1, 3])
def test_a_later_start_gives_what_would_have_come(first):
    for ours, theirs in zip(drawn(2, first=first), drawn(first + 2)[first:], strict=True):
        for name in ours:
            np.testing.assert_array_equal(ours[name], theirs[name])


def test_steps_and_seeds_differ():
    (one, two), (other,) = drawn(2), drawn(1, seed=6)
    assert not np.array_equal(one["log_mel"], two["log_mel"])
    assert not np.array_equal(one["log_mel"], other["log_mel"])


def test_clips_are_excerpts_of_examples_with_their_labels():
    for batch, clip in itertools.product(drawn(4), range(2)):
        places = [
            (example, start)
            for example in scenes.of_split("train")
            for start in range(len(example.log_mel) - scenes.FRAMES + 1)
            if np.array_equal(example.log_mel[start : start + scenes.FRAMES], batch["log_mel"][clip, ..., 0])
        ]
        ((example, start),) = places
        for name, whole in parts(example).items():
            np.testing.assert_array_equal(batch[name][clip], whole[start : start + scenes.FRAMES])


def test_any_excerpt_may_come():
    ramp = flat(12, 0.0)
    ramp.log_mel[:] = np.arange(12)[:, None]
    starts = {int(clip[0, 0, 0]) for batch in drawn(8, [ramp], frames=4, size=8) for clip in batch["log_mel"]}
    assert starts == set(range(9))


def test_a_short_example_is_padded_with_silence():
    example = scenes.example("second")
    length = len(example.log_mel)
    (batch,) = drawn(1, [example], frames=length + 20)
    for name, whole in parts(example).items():
        np.testing.assert_array_equal(batch[name][0, :length], whole)
        np.testing.assert_array_equal(batch[name][0, length:], -1.0 if name == "log_mel" else 0.0)


def test_longer_examples_come_more_often():
    drawn_of_two = drawn(20, [flat(30, 0.25), flat(270, 0.75)], frames=8, size=16)
    values = np.concatenate([batch["log_mel"][:, 0, 0, 0] for batch in drawn_of_two])
    # Nine of ten, plus or minus four deviations of 320 draws.
    assert np.mean(values == 0.75) == pytest.approx(0.9, abs=4 * 0.3 / np.sqrt(320))


def test_its_shapes_are_known_before_it_is_drawn_and_are_what_comes():
    data = batches(scenes.of_split("train"), frames=16, batch_size=3, seed=0)
    expected = {"log_mel": (3, 16, 32, 1), "sounding": (3, 16, 88), "onset": (3, 16, 88), "drums": (3, 16, 3)}
    assert {name: tuple(spec.shape) for name, spec in data.element_spec.items()} == expected
    (batch,) = data.map(lambda each: each).take(1)
    assert {name: tuple(x.shape) for name, x in batch.items()} == expected
    assert {x.dtype.name for x in batch.values()} == {"float32"}


def test_half_of_a_batch_of_twins_is_the_same_music_by_others():
    def of_excerpt(name, value):
        example = flat(40, 0.0)
        example.log_mel[:] = value + np.arange(40)[:, None]
        return dataclasses.replace(example, recording=dataclasses.replace(example.recording, excerpt=name))

    examples = [of_excerpt("a", 100), of_excerpt("b", 200), of_excerpt("a", 300), of_excerpt("a", 400)]
    data = batches(examples, frames=8, batch_size=8, seed=1, twins=True)
    for batch in data.take(6):
        first, second = np.split(batch["log_mel"].numpy()[:, 0, 0, 0].astype(int), 2)
        np.testing.assert_array_equal(first % 100, second % 100)
        alone = first // 100 == 2
        np.testing.assert_array_equal(first[alone], second[alone])
        assert not (first[~alone] // 100 == second[~alone] // 100).any()
        assert not (second[~alone] // 100 == 2).any()

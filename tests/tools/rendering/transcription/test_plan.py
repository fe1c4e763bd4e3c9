import dataclasses
import itertools
from pathlib import Path

import pytest

from pipelines.errors import UserError
from tests.tools.rendering.transcription.scenes import instruments, lessons, tune, works
from tools.rendering import scores
from tools.rendering.midi import DRUMS
from tools.rendering.transcription import effects, encoding
from tools.rendering.transcription import splits as dealing
from tools.rendering.transcription.orchestration import Instrument
from tools.rendering.transcription.plan import plan
from tools.rendering.transcription.soundfonts import Orchestra

ORCHESTRA = Orchestra({Path("a.sf2"): 0.5, Path("b.sf3"): 0.4, Path("odd.sf2"): 0.1}, Path("held.sf2"))
LESSONS = 150


@pytest.fixture(scope="module")
def takes():
    return dealing.deal(works(), LESSONS, 0)


@pytest.fixture(scope="module")
def planned(takes):
    return lessons(takes, ORCHESTRA)


def test_splits_and_kinds_have_their_shares(takes):
    assert len(takes) == pytest.approx(LESSONS, abs=10)
    for split, share in dealing.SPLITS.items():
        assert sum(take.split == split for take in takes) == pytest.approx(LESSONS * share, abs=6)
    for kind, share in dealing.SHARES.items():
        assert sum(take.work.kind == kind for take in takes) == pytest.approx(LESSONS * share, abs=5)


def test_no_tune_is_in_two_splits(takes):
    tunes = {
        split: {t.work.piece.name: t.work.piece for t in takes if t.split == split}
        for split in dealing.SPLITS
    }
    for one, other in itertools.combinations(tunes.values(), 2):
        assert not set(one) & set(other)
        assert not any(scores.same_tune(a, b) for a in one.values() for b in other.values())


def test_a_tune_that_comes_under_two_names_is_in_one_split_only():
    doubled = [
        dataclasses.replace(w, piece=dataclasses.replace(w.piece, name=f"{w.piece.name}x")) for w in works()
    ]
    takes = dealing.deal([*works(), *doubled], LESSONS, 0)
    splits = {}
    for take in takes:
        splits.setdefault(take.work.piece.name.rstrip("x"), set()).add(take.split)
    assert all(len(found) == 1 for found in splits.values())


def test_nothing_to_play_is_one_sentence():
    with pytest.raises(UserError, match="too few scores"):
        dealing.deal([], 300, 0)


def test_only_the_test_has_the_held_out_soundfont(planned):
    for lesson in planned:
        assert (lesson.soundfont.name == "held.sf2") == (lesson.split == "test")
    taught = [lesson.soundfont.name for lesson in planned if lesson.split != "test"]
    assert 0.4 < taught.count("a.sf2") / len(taught) < 0.6
    assert 0.03 < taught.count("odd.sf2") / len(taught) < 0.2


def test_lessons_are_of_the_length_and_names_are_stable(planned, takes):
    assert len(planned) == len(takes) == len({lesson.name for lesson in planned})
    for lesson in planned:
        assert 12 <= lesson.seconds <= 16
        assert max(note.end for note in lesson.notes if note.voice != DRUMS) < lesson.seconds
        assert 0 <= min(note.start for note in lesson.notes) < 1
    assert lessons(takes, ORCHESTRA) == planned
    assert lessons(takes, ORCHESTRA, seed=1) != planned


def test_one_lesson_does_not_change_the_others(planned, takes):
    changed = [dataclasses.replace(takes[0], work=tune(999)), *takes[1:]]
    assert lessons(changed, ORCHESTRA)[1:] == planned[1:]


def test_a_third_has_drums_and_most_of_train_has_effects(planned):
    drums = sum(any(note.voice == DRUMS for note in lesson.notes) for lesson in planned) / len(planned)
    assert 0.25 < drums < 0.42
    assert all(
        (lesson.ensemble.kit is not None) == any(n.voice == DRUMS for n in lesson.notes) for lesson in planned
    )
    for split, least, most in (("train", 0.6, 0.8), ("test", 0.0, 0.25)):
        some = [bool(lesson.effects) for lesson in planned if lesson.split == split]
        assert least < sum(some) / len(some) < most


def test_effects_are_known_and_the_suffix_says_the_coding(planned):
    assert {name for lesson in planned for name in lesson.effects} <= {*effects.EFFECTS, *encoding.CODINGS}
    suffixes = {Path(lesson.audio).suffix for lesson in planned}
    assert suffixes == {".ogg", ".mp3"}
    assert all(("mp3" in " ".join(lesson.effects)) == lesson.audio.endswith(".mp3") for lesson in planned)


def test_nobody_plays_what_is_out_of_reach(takes):
    bass = {32: Instrument(frozenset(range(24, 60)), 0.0)}
    fonts = [*ORCHESTRA.taught, ORCHESTRA.held_out]
    for lesson in plan(takes[:40], ORCHESTRA, dict.fromkeys(fonts, bass), 0):
        assert all(note.pitch < 60 for note in lesson.notes if note.voice != DRUMS)


def test_the_quickest_player_s_attack_counts_and_drums_have_none(takes):
    slow = dict.fromkeys([*ORCHESTRA.taught, ORCHESTRA.held_out], instruments(attack=0.1))
    attacks = {lesson.ensemble.kit is None: lesson.attack for lesson in plan(takes, ORCHESTRA, slow, 0)}
    assert attacks == {True: 0.1, False: 0.0}


def test_a_work_of_too_few_notes_is_passed_over(takes):
    short = tune(1, quarters=1)
    assert lessons([dataclasses.replace(takes[0], work=short)], ORCHESTRA)
    held = dataclasses.replace(short.piece.notes[0], length=64.0)
    long = dataclasses.replace(short, piece=dataclasses.replace(short.piece, notes=(held,)))
    assert lessons([dataclasses.replace(takes[0], work=long)], ORCHESTRA) == []

import collections
import dataclasses
import itertools
from pathlib import Path

import pytest

from pipelines.errors import UserError
from tests.tools.rendering.transcription.fakes import instruments, plan_recordings, tune, works
from tools.rendering import scores
from tools.rendering.midi import DRUMS
from tools.rendering.transcription import effects, encoding, splits
from tools.rendering.transcription.orchestration import Instrument
from tools.rendering.transcription.plan import plan
from tools.rendering.transcription.soundfonts import SoundFonts

FONTS = SoundFonts({Path("a.sf2"): 0.5, Path("b.sf3"): 0.4, Path("odd.sf2"): 0.1}, Path("held.sf2"))
RECORDINGS = 150


@pytest.fixture(scope="module")
def split_works():
    return splits.split_works(works(), RECORDINGS, 0)


@pytest.fixture(scope="module")
def planned(split_works):
    return plan_recordings(split_works, FONTS)


def test_splits_and_kinds_have_their_shares(split_works):
    assert len(split_works) == pytest.approx(RECORDINGS, abs=10)
    for split, share in splits.SPLITS.items():
        assert sum(each.split == split for each in split_works) == pytest.approx(RECORDINGS * share, abs=6)
    for kind, share in splits.SHARES.items():
        assert sum(each.work.kind == kind for each in split_works) == pytest.approx(RECORDINGS * share, abs=5)


def test_no_tune_is_in_two_splits(split_works):
    tunes = {
        split: {t.work.piece.name: t.work.piece for t in split_works if t.split == split}
        for split in splits.SPLITS
    }
    for one, other in itertools.combinations(tunes.values(), 2):
        assert not set(one) & set(other)
        assert not any(scores.same_tune(a, b) for a in one.values() for b in other.values())


def test_tune_with_two_names_is_in_one_split():
    doubled = [
        dataclasses.replace(w, piece=dataclasses.replace(w.piece, name=f"{w.piece.name}x")) for w in works()
    ]
    chosen = collections.defaultdict(set)
    for each in splits.split_works([*works(), *doubled], RECORDINGS, 0):
        chosen[each.work.piece.name.rstrip("x")].add(each.split)
    assert all(len(found) == 1 for found in chosen.values())


def test_too_few_scores_is_a_user_error():
    with pytest.raises(UserError, match="too few scores"):
        splits.split_works([], 300, 0)


def test_only_the_test_has_the_held_out_soundfont(planned):
    for recording in planned:
        assert (recording.soundfont.name == "held.sf2") == (recording.split == "test")
    training = [recording.soundfont.name for recording in planned if recording.split != "test"]
    assert 0.4 < training.count("a.sf2") / len(training) < 0.6
    assert 0.03 < training.count("odd.sf2") / len(training) < 0.2


def test_lengths_and_reproducibility(planned, split_works):
    assert len(planned) == len(split_works) == len({recording.name for recording in planned})
    for recording in planned:
        assert 12 <= recording.seconds <= 16
        assert max(note.end for note in recording.notes if note.voice != DRUMS) < recording.seconds
        assert 0 <= min(note.start for note in recording.notes) < 1
    assert plan_recordings(split_works, FONTS) == planned
    assert plan_recordings(split_works, FONTS, seed=1) != planned


def test_recordings_are_independent(planned, split_works):
    changed = [dataclasses.replace(split_works[0], work=tune(999)), *split_works[1:]]
    assert plan_recordings(changed, FONTS)[1:] == planned[1:]


def test_a_third_has_drums_and_most_of_train_has_effects(planned):
    drums = sum(any(note.voice == DRUMS for note in recording.notes) for recording in planned) / len(planned)
    assert 0.25 < drums < 0.42
    assert all(
        (recording.ensemble.kit is not None) == any(n.voice == DRUMS for n in recording.notes)
        for recording in planned
    )
    for split, least, most in (("train", 0.6, 0.8), ("test", 0.0, 0.25)):
        some = [bool(recording.effects) for recording in planned if recording.split == split]
        assert least < sum(some) / len(some) < most


def test_effects_and_suffixes(planned):
    assert {name for recording in planned for name in recording.effects} <= {
        *effects.EFFECTS,
        *encoding.CODINGS,
    }
    suffixes = {Path(recording.path).suffix for recording in planned}
    assert suffixes == {".ogg", ".mp3"}
    assert all(
        ("mp3" in " ".join(recording.effects)) == recording.path.endswith(".mp3") for recording in planned
    )


def test_notes_out_of_range_are_left_out(split_works):
    bass = {32: Instrument(frozenset(range(24, 60)), 0.0)}
    fonts = [*FONTS.training, FONTS.held_out]
    for recording in plan(split_works[:40], FONTS, dict.fromkeys(fonts, bass), 0):
        assert all(note.pitch < 60 for note in recording.notes if note.voice != DRUMS)


def test_attack_is_that_of_the_fastest_instrument(split_works):
    slow = dict.fromkeys([*FONTS.training, FONTS.held_out], instruments(attack=0.1))
    attacks = {
        recording.ensemble.kit is None: recording.attack for recording in plan(split_works, FONTS, slow, 0)
    }
    assert attacks == {True: 0.1, False: 0.0}


def test_works_with_too_few_notes_are_skipped(split_works):
    short = tune(1, quarters=1)
    assert plan_recordings([dataclasses.replace(split_works[0], work=short)], FONTS)
    held = dataclasses.replace(short.piece.notes[0], length=64.0)
    long = dataclasses.replace(short, piece=dataclasses.replace(short.piece, notes=(held,)))
    assert plan_recordings([dataclasses.replace(split_works[0], work=long)], FONTS) == []


@pytest.fixture(scope="module")
def twins(split_works):
    fonts = [*FONTS.training, FONTS.held_out]
    # Two of the instruments end where others go on.
    reach = {**instruments(range(6)), **{p: Instrument(frozenset(range(50, 70)), 0.05) for p in (6, 7)}}
    return plan(split_works, FONTS, dict.fromkeys(fonts, reach), 0, ensembles=3)


def test_twins_are_of_one_excerpt_on_one_clock(twins, split_works):
    groups = collections.defaultdict(list)
    for recording in twins:
        groups[recording.excerpt].append(recording)
    assert len(groups) == len(split_works)
    for group in groups.values():
        assert [recording.name[-2:] for recording in group] == ["-a", "-b", "-c"]
        assert len({(recording.split, recording.seconds, recording.work) for recording in group}) == 1
        # An instrument that doubles a voice plays nothing that is not played anyhow.
        played = [{(n.start, n.end, n.pitch) for n in r.notes if n.voice != DRUMS} for r in group]
        assert played[0] == played[1] == played[2]
        assert played[0]


def test_twins_have_ensembles_of_their_own(twins):
    names = {recording.name for recording in twins}
    assert len(names) == len(twins)
    ensembles = {recording.ensemble for recording in twins}
    assert len(ensembles) > 0.9 * len(twins)
    assert len({recording.seed for recording in twins}) == len(twins)
    drums = [recording.ensemble.kit is not None for recording in twins]
    assert 0.25 < sum(drums) / len(drums) < 0.42
    assert all(d == any(n.voice == DRUMS for n in r.notes) for d, r in zip(drums, twins, strict=True))


def test_some_parts_of_twins_are_overdriven(twins):
    driven = [recording for recording in twins if recording.driven is not None]
    assert 0.1 < len(driven) / len(twins) < 0.3
    for recording in driven:
        assert any(note.voice == recording.driven for note in recording.notes)
        assert not (recording.is_sung and recording.driven == 0)


def test_labels_of_twins_end_when_a_pluck_has_decayed(split_works):
    fonts, keys = [*FONTS.training, FONTS.held_out], frozenset(range(24, 104))
    pluck = {0: Instrument(keys, 0.0, dict.fromkeys(keys, 0.2))}
    for recording in plan(split_works[:20], FONTS, dict.fromkeys(fonts, pluck), 0, ensembles=2):
        assert len(recording.labels) == len(recording.notes)
        for note in recording.labels:
            kept = note.voice in (recording.driven, 0 if recording.is_sung else None, DRUMS)
            assert kept or note.length <= 0.2
        assert max(note.length for note in recording.notes) > 0.2


def test_only_the_test_s_twins_have_the_held_out_soundfont(twins):
    assert all((r.soundfont.name == "held.sf2") == (r.split == "test") for r in twins)


def test_single_recordings_are_excerpts_of_their_own(planned):
    assert all(recording.excerpt == recording.name for recording in planned)


def test_some_twins_are_sung_where_a_singer_can(twins):
    sung = [recording for recording in twins if recording.is_sung]
    assert 0.05 < len(sung) / len(twins) < 0.35
    for recording in sung:
        melody = sorted((n for n in recording.notes if n.voice == 0), key=lambda n: n.start)
        assert all(one.end < other.start + 0.1 for one, other in itertools.pairwise(melody))
        assert all(43 <= note.pitch < 82 for note in melody)
        assert recording.attack >= 0.06 or recording.ensemble.kit is not None

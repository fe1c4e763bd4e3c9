import dataclasses
import itertools
import os

import pytest

from pipelines.data import splits
from pipelines.data.schema import AugmentedCopy, Settings, SongRecord
from pipelines.data.shards import segment_starts

SETTINGS = Settings()
STRIDE = 512 * 512
RATE = SETTINGS.spec.sample_rate


def _record(name, minutes):
    samples = round(minutes * 60 * RATE)
    segments = len(segment_starts(samples, SETTINGS))
    return SongRecord(name, "", samples / RATE, -9.0, 0.0, False, segments, f"band/{name}.tfrecord")


def _ends(song):
    """First and last sample of a part's segments."""
    return song.first * STRIDE, (song.first + song.segments - 1) * STRIDE + SETTINGS.segment_samples


def test_a_concert_is_cut_into_parts_in_all_splits_with_a_guard_between_them():
    concert = _record("live/Concert.mp3", 120)
    songs = splits.split_songs([concert, _record("a.mp3", 4), _record("b.mp3", 5)], SETTINGS)
    cut = [song for song in songs if song.shard == concert.shard]
    assert len(cut) == 24
    assert cut[2].name == "live/Concert (part 03 of 24).mp3"
    assert {song.split for song in cut} == {"train", "valid", "test"}
    assert [song.name for song in songs if song not in cut] == ["a.mp3", "b.mp3"]
    for one, other in itertools.pairwise(cut):
        gap = (_ends(other)[0] - _ends(one)[1]) / RATE
        assert 5.5 < gap < 6.0
    assert cut[-1].first + cut[-1].segments == concert.segments
    assert sum(song.seconds for song in cut) == pytest.approx(concert.seconds - 23 * STRIDE / RATE, abs=0.1)
    assert len({song.key for song in songs}) == len(songs)


@pytest.mark.parametrize(("minutes", "count"), [(0.9, 1), (1.0, 2), (4.0, 8), (19.0, 10)])
def test_the_only_recording_of_a_domain_is_cut_if_long_enough(minutes, count):
    songs = splits.split_songs([_record("demo.wav", minutes)], SETTINGS)
    assert len(songs) == count
    assert ("valid" in {song.split for song in songs}) == (count > 1)
    assert all(song.segments > 0 and song.seconds > 0 for song in songs)


def test_short_recordings_are_not_cut():
    songs = [_record("a.mp3", 19.9), _record("b.mp3", 0.1)]
    assert splits.cut_long(songs, SETTINGS) == songs


@pytest.mark.parametrize("tempo", [0.9, 1.1])
@pytest.mark.parametrize("minutes", [60, 85.5, 86, 145])
def test_copies_correspond_to_training_parts_only(tempo, minutes):
    concert = _record("Concert.mp3", minutes)
    songs = splits.split_songs([concert], SETTINGS)
    values = dataclasses.asdict(_record("Concert.mp3 (copy)", minutes / tempo))
    copy = AugmentedCopy(**values, copy_of=concert.name, semitones=0.0, tempo=tempo)
    found = splits.training_parts(copy, songs)
    trained = [song.name for song in songs if song.split == "train" and song.segments > 2]
    assert [part.copy_of for part in found if part.copy_of in trained] == trained
    held_out = [song for song in songs if song.split != "train"]
    for part in found:
        first, last = (tempo * edge for edge in _ends(part))
        assert all(last < _ends(song)[0] or first > _ends(song)[1] for song in held_out)


NAMES = [f"{index}.wav" for index in range(100)]


@pytest.mark.parametrize(
    ("songs", "train", "valid", "test"),
    [(1, 1, 0, 0), (2, 1, 1, 0), (3, 2, 1, 0), (10, 8, 1, 1), (21, 17, 2, 2), (100, 80, 10, 10)],
)
def test_split_sizes(songs, train, valid, test):
    assigned = list(splits.assign_splits(NAMES[:songs]).values())
    assert [assigned.count(name) for name in ("train", "valid", "test")] == [train, valid, test]


def test_splits_depend_neither_on_the_order_nor_on_the_alphabet():
    assigned = splits.assign_splits(NAMES)
    assert assigned == splits.assign_splits(NAMES[::-1])
    assert {name for name, split in assigned.items() if split == "valid"} != set(sorted(NAMES)[:10])


def test_names_that_are_not_utf8():
    latin = os.fsdecode(b"Bj\xf6rk.wav")
    assigned = splits.assign_splits([latin, "Bj?rk.wav", "Bj\N{LATIN SMALL LETTER O WITH DIAERESIS}rk.wav"])
    assert list(assigned.values()).count("valid") == 1


def test_the_folders_train_valid_and_test_are_kept():
    names = ["train/a.mp3", "train/live/b.mp3", "valid/c.mp3", "test/valid/d.mp3"]
    expected = dict(zip(names, ["train", "train", "valid", "test"], strict=True))
    assert splits.assign_splits(names) == expected
    assert splits.assign_splits(names[:3]) == dict(list(expected.items())[:3])


@pytest.mark.parametrize("other", ["e.mp3", "more/e.mp3", "train"])
def test_folders_do_not_count_with_a_song_elsewhere(other):
    names = [*(f"train/{name}" for name in NAMES[:8]), "valid/c.mp3", other]
    assigned = splits.assign_splits(names)
    assert assigned != {name: name.partition("/")[0] for name in names}
    assert list(assigned.values()).count("test") == 1


def test_folders_without_a_song_to_train_on_or_to_validate_do_not_count():
    for folders in (("train", "test"), ("valid", "test")):
        names = [f"{folder}/{name}" for folder in folders for name in NAMES[:10]]
        assert sorted(splits.assign_splits(names).values()).count("train") == 16


def test_parts_of_a_recording_stay_in_its_folder():
    records = [_record("train/a.mp3", 4), _record("valid/b.mp3", 4), _record("test/Concert.mp3", 60)]
    songs = splits.split_songs(records, SETTINGS)
    assert len(songs) > 10
    assert all(song.split == song.name.partition("/")[0] for song in songs)


def test_parts_of_a_stem_are_those_of_its_song():
    concert, stem = _record("concert.mp3", 120), _record("concert.vocals.wav", 118)
    songs = splits.split_songs([concert, _record("a.mp3", 4)], SETTINGS)
    cut = [song for song in songs if song.shard == concert.shard]
    parts = splits.stem_parts(stem, cut, "vocals")
    assert [(part.stem_of, part.split, part.first) for part in parts] == [
        (song.name, song.split, song.first) for song in cut
    ]
    assert {part.shard for part in parts} == {stem.shard}
    assert [part.segments for part in parts[:-1]] == [song.segments for song in cut[:-1]]
    assert parts[-1].first + parts[-1].segments == stem.segments
    (short,) = splits.stem_parts(_record("a.vocals.wav", 3), [_record("a.mp3", 4)], "vocals")
    assert short.seconds == pytest.approx(180)

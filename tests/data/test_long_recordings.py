import dataclasses
import itertools

import pytest

from pipelines.data import long_recordings
from pipelines.data.schema import Settings, SongRecord, VariantRecord
from pipelines.data.shards import segment_starts

SETTINGS = Settings()
STRIDE = 512 * 512
RATE = SETTINGS.spec.sample_rate


def _record(name, minutes):
    samples = round(minutes * 60 * RATE)
    segments = len(segment_starts(samples, SETTINGS))
    return SongRecord(name, "", samples / RATE, -9.0, 0.0, False, segments, f"band/{name}.tfrecord")


def _ends(song):
    """First and last sample of the stretch that a part's segments cover."""
    return song.first * STRIDE, (song.first + song.segments - 1) * STRIDE + SETTINGS.segment_samples


def test_a_concert_is_cut_into_parts_in_all_splits_with_a_guard_between_them():
    concert = _record("live/Concert.mp3", 120)
    songs = long_recordings.in_splits([concert, _record("a.mp3", 4), _record("b.mp3", 5)], SETTINGS)
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
def test_the_only_recording_of_a_domain_is_cut_when_it_is_not_too_short(minutes, count):
    songs = long_recordings.in_splits([_record("demo.wav", minutes)], SETTINGS)
    assert len(songs) == count
    assert ("valid" in {song.split for song in songs}) == (count > 1)
    assert all(song.segments > 0 and song.seconds > 0 for song in songs)


def test_recordings_of_usual_length_stay_whole():
    songs = [_record("a.mp3", 19.9), _record("b.mp3", 0.1)]
    assert long_recordings.cut(songs, SETTINGS) == songs


@pytest.mark.parametrize("tempo", [0.9, 1.1])
@pytest.mark.parametrize("minutes", [60, 85.5, 86, 145])
def test_variants_are_of_the_training_parts_alone(tempo, minutes):
    concert = _record("Concert.mp3", minutes)
    songs = long_recordings.in_splits([concert], SETTINGS)
    altered = dataclasses.asdict(_record("Concert.mp3 (altered)", minutes / tempo))
    variant = VariantRecord(**altered, variant_of=concert.name, semitones=0.0, tempo=tempo)
    found = long_recordings.of_variant(variant, songs)
    learnt = [song.name for song in songs if song.split == "train" and song.segments > 2]
    assert [each.variant_of for each in found if each.variant_of in learnt] == learnt
    heldout = [song for song in songs if song.split != "train"]
    for each in found:
        first, last = (tempo * place for place in _ends(each))
        assert all(last < _ends(song)[0] or first > _ends(song)[1] for song in heldout)

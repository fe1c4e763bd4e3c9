import struct
from pathlib import Path

import numpy as np
import pytest

from pipelines.errors import UserError
from pipelines.metrics.notes_file import read_notes, read_performance, write_performance

END = b"\x00\xff\x2f\x00"


def midi(*tracks: bytes, ticks: int = 480, form: int = 1) -> bytes:
    """A file of tracks, which end by themselves."""
    chunks = [b"MTrk" + struct.pack(">I", len(track + END)) + track + END for track in tracks]
    return b"MThd" + struct.pack(">IHHH", 6, form, len(tracks), ticks) + b"".join(chunks)


def tempo(delta: bytes, microseconds: int) -> bytes:
    return delta + b"\xff\x51\x03" + microseconds.to_bytes(3, "big")


def read(folder: Path, data: bytes) -> list[list[float]]:
    path = folder / "song.mid"
    path.write_bytes(data)
    return read_notes(path).tolist()


def _ticks(path: Path) -> list[tuple[int, int]]:
    """Ticks and first status bytes of the events of a file that was written here, note-ons and tempi."""
    from pipelines.metrics.notes_file import _parse

    return [(tick, status) for tick, status, data in _parse(path.read_bytes())[1] if status != 0x99 or data]


@pytest.mark.parametrize("first", [0.0, 0.1, 0.37, 1.9])
def test_beats_are_quarter_notes_and_times_stay(tmp_path, first):
    beats = first + np.cumsum([0.0, *np.random.default_rng(0).uniform(0.4, 0.6, 20)])
    on_beats = np.stack([beats, beats + 0.2, np.full(21, 60.0)], axis=1)
    between = np.array([[first + 3.21, 20.0, 40.0], [17.5, 18.5, 50.0]])
    notes = np.concatenate([on_beats, between])
    drums = np.array([[2.5, 2.6, 36.0]])
    path = tmp_path / "song.mid"
    write_performance(path, notes, drums, beats=beats)
    found, strokes = read_performance(path)
    # A tick is a millisecond.
    np.testing.assert_allclose(found, notes[np.lexsort((notes[:, 2], notes[:, 0]))], atol=2e-3)
    np.testing.assert_allclose(strokes, drums, atol=2e-3)
    starts = sorted({tick for tick, status in _ticks(path) if status == 0x90})
    assert sum(tick % 480 == 0 for tick in starts) >= 20
    assert sum(status == 0x51 for _, status in _ticks(path)) >= 20


def test_velocities_are_those_of_the_notes(tmp_path):
    notes = np.array([[0.0, 1.0, 60.0], [0.5, 1.0, 64.0]])
    write_performance(tmp_path / "song.mid", notes, np.zeros((0, 3)), velocities=np.array([33, 127]))
    data = (tmp_path / "song.mid").read_bytes()
    assert b"\x90\x3c\x21" in data
    assert b"\x90\x40\x7f" in data


def test_a_note_at_the_default_tempo(tmp_path):
    # 0x83 0x60 is 480 ticks, a quarter note: half a second.
    found = read(tmp_path, midi(b"\x83\x60\x90\x3c\x50" + b"\x83\x60\x80\x3c\x00"))
    assert found == [[0.5, 1.0, 60.0]]


def test_running_status_and_velocity_0(tmp_path):
    track = b"\x00\x91\x3c\x50" + b"\x00\x40\x50" + b"\x83\x60\x3c\x00" + b"\x83\x60\x40\x00"
    assert read(tmp_path, midi(track, form=0)) == [[0.0, 0.5, 60.0], [0.0, 1.0, 64.0]]


def test_the_tempo_map_holds_for_all_tracks_and_within_notes(tmp_path):
    conductor = tempo(b"\x00", 1_000_000) + tempo(b"\x83\x60", 250_000)
    track = b"\x81\x70\x90\x3c\x50" + b"\x83\x60\x3c\x00"  # From 240 to 720 ticks, the change at 480.
    assert read(tmp_path, midi(conductor, track)) == [[0.5, 1.125, 60.0]]


def test_drums_and_what_is_no_note_are_left_out(tmp_path):
    track = (
        b"\x00\xc0\x05\x00\xb0\x07\x40\x00\xe0\x00\x40\x00\xd0\x11\x00\xf0\x03\x01\x02\xf7"
        b"\x00\xff\x03\x02hi\x00\x99\x24\x50\x00\x90\x3c\x50\x83\x60\x99\x24\x00\x00\x90\x3c\x00"
    )
    assert read(tmp_path, midi(track)) == [[0.0, 0.5, 60.0]]


def test_equal_notes_end_in_the_order_of_their_starts(tmp_path):
    track = b"\x00\x90\x3c\x50\x81\x70\x3c\x50\x81\x70\x3c\x00\x83\x60\x3c\x00"
    assert read(tmp_path, midi(track)) == [[0.0, 0.5, 60.0], [0.25, 1.0, 60.0]]


def test_a_note_never_released_lasts_to_the_end(tmp_path):
    assert read(tmp_path, midi(b"\x00\x90\x3c\x50\x00\x40\x50\x87\x40\x40\x00")) == [[0, 1, 60], [0, 1, 64]]


def test_rows_are_in_order_and_none_are_none(tmp_path):
    later, sooner = b"\x83\x60\x90\x3c\x50\x83\x60\x3c\x00", b"\x00\x91\x48\x50\x00\x30\x50\x83\x60\x48\x00"
    rows = np.array(read(tmp_path, midi(later, sooner)))
    np.testing.assert_array_equal(rows[:, 2], [48, 72, 60])
    (tmp_path / "song.mid").write_bytes(midi(b""))
    assert read_notes(tmp_path / "song.mid").shape == (0, 3)


def test_chunks_of_other_kinds_are_passed_over(tmp_path):
    whole = midi(b"\x00\x90\x3c\x50\x83\x60\x3c\x00")
    assert read(tmp_path, whole[:14] + b"XFIH\x00\x00\x00\x02ab" + whole[14:]) == [[0.0, 0.5, 60.0]]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"RIFF" + bytes(40),
        midi(b"\x00\x90\x3c\x50")[:-6],
        midi(b"\x00\x3c\x50"),
        midi(b"\x00\x90\x3c\x50", ticks=0xE728),
        midi(b"\x00\x90\x3c\x50", form=2),
        b"MThd" + struct.pack(">IHHH", 6, 1, 2, 480),
    ],
)
def test_what_is_no_midi_file_is_named(tmp_path, data):
    with pytest.raises(UserError, match=r"song\.mid"):
        read(tmp_path, data)


def test_a_file_that_is_missing_is_named(tmp_path):
    with pytest.raises(UserError, match=r"cannot read .*none\.mid"):
        read_notes(tmp_path / "none.mid")


TICK = 1 / 960
NONE = np.zeros((0, 3))


def written(folder: Path, notes: object, drums: object = NONE) -> tuple[np.ndarray, np.ndarray]:
    """Notes and drum strokes as they are read back from the MIDI file that they are written to."""
    path = folder / "song.mid"
    write_performance(path, np.reshape(notes, (-1, 3)), np.reshape(drums, (-1, 3)))
    return read_performance(path)


def test_what_is_written_is_read_within_a_tick(tmp_path):
    chance = np.random.default_rng(0)
    notes, drums = (chance.uniform((0, 0.01, 0), (300, 5, 0), (50, 3)) for _ in range(2))
    for table in (notes, drums):
        table[:, 1] += table[:, 0]
        table[:, 2] = chance.permutation(100)[:50] + 20
    for ours, theirs in zip((notes, drums), written(tmp_path, notes, drums), strict=True):
        expected = ours[np.argsort(ours[:, 2])]
        np.testing.assert_allclose(theirs[np.argsort(theirs[:, 2])], expected, atol=0.51 * TICK)


def test_drums_and_notes_of_the_same_key_are_kept_apart(tmp_path):
    notes, drums = written(tmp_path, [0.5, 1.0, 36.0], [[0.25, 0.75, 36.0], [0.5, 0.75, 42.0]])
    assert notes.tolist() == [[0.5, 1.0, 36.0]]
    assert drums.tolist() == [[0.25, 0.75, 36.0], [0.5, 0.75, 42.0]]
    assert read_notes(tmp_path / "song.mid").tolist() == notes.tolist()


def test_a_note_may_start_where_the_same_one_ends(tmp_path):
    repeated = [[0.0, 0.5, 60.0], [0.5, 1.0, 60.0], [1.0, 1.5, 60.0]]
    assert written(tmp_path, repeated[::-1])[0].tolist() == repeated


@pytest.mark.parametrize("length", [0.0, 0.4 * TICK])
def test_what_has_no_length_lasts_a_tick(tmp_path, length):
    later = [2.0, 3.0, 64.0]
    notes, drums = written(tmp_path, [[1.0, 1.0 + length, 60.0], later], [1.0, 1.0 + length, 38.0])
    np.testing.assert_allclose(notes, [[1.0, 1.0 + TICK, 60.0], later])
    np.testing.assert_allclose(drums, [[1.0, 1.0 + TICK, 38.0]])


def test_an_empty_performance_can_be_written(tmp_path):
    assert [table.shape for table in written(tmp_path, NONE)] == [(0, 3), (0, 3)]


def test_a_path_that_cannot_be_written_is_named(tmp_path):
    with pytest.raises(UserError, match=r"cannot write .*song\.mid: No such file"):
        write_performance(tmp_path / "missing/song.mid", NONE, NONE)

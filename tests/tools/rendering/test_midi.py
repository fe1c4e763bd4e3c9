import pytest

from tools.rendering import midi
from tools.rendering.scores import Note

music21 = pytest.importorskip("music21", reason="MIDI is written by music21, an optional extra (render)")

NOTES = [Note(0.5, 0.25, 60, 0, 90), Note(0.75, 1.0, 60, 0, 70), Note(0.5, 1.25, 48, 1, 80)]
SOUNDS = [midi.Sound(29, pan=40, volume=84), midi.Sound(34)]


def _messages(notes=NOTES, kit=None):
    file = music21.midi.MidiFile()
    file.readstr(midi.encode(notes, SOUNDS, kit))
    assert file.ticksPerQuarterNote * 2 == midi.TICKS
    for track in file.tracks:
        now = 0
        for event in track.events:
            now += event.time if event.isDeltaTime() else 0
            if isinstance(event.type, music21.midi.ChannelVoiceMessages):
                yield event.channel, now / midi.TICKS, event.type.name, event.parameter1, event.parameter2


def test_times_and_channels_of_notes():
    starts = [(c, t, p, v) for c, t, kind, p, v in _messages() if kind == "NOTE_ON" and v]
    assert starts == [(1, 0.5, 60, 90), (1, 0.75, 60, 70), (2, 0.5, 48, 80)]
    stops = [
        (c, t, p) for c, t, kind, p, v in _messages() if kind == "NOTE_OFF" or (kind == "NOTE_ON" and not v)
    ]
    assert stops == [(1, 0.75, 60), (1, 1.75, 60), (2, 1.75, 48)]


def test_programs_and_controls_precede_notes():
    sounds = [message for message in _messages() if message[2] in ("PROGRAM_CHANGE", "CONTROLLER_CHANGE")]
    assert [(c, t, *data[:2]) for c, t, _, *data in sounds] == [
        (1, 0.0, 29, None), (1, 0.0, 7, 84), (1, 0.0, 10, 40),
        (2, 0.0, 34, None), (2, 0.0, 7, 100), (2, 0.0, 10, 64),
    ]  # fmt: skip


def test_note_off_precedes_repetition():
    kinds = [(kind, v) for c, t, kind, p, v in _messages() if c == 1 and t == 0.75]
    assert [bool(kind == "NOTE_ON" and v) for kind, v in kinds] == [False, True]


def test_drums_are_on_channel_ten():
    notes = [*NOTES, Note(0.5, 0.1, 51, midi.DRUMS, 70)]
    assert {channel for channel, *_ in _messages(notes)} == {1, 2}
    drums = [message for message in _messages(notes, midi.Sound(32)) if message[0] == 10]
    assert drums[0] == (10, 0.0, "PROGRAM_CHANGE", 32, None)
    assert (10, 0.5, "NOTE_ON", 51, 70) in drums


def test_detuned_and_vibrating_parts_have_the_controls_for_it(monkeypatch):
    monkeypatch.setitem(globals(), "SOUNDS", [midi.Sound(29, detune=-25, vibrato=64), midi.Sound(34)])
    controls = [(c, p, v) for c, _, kind, p, v in _messages() if kind == "CONTROLLER_CHANGE"]
    assert controls[2:7] == [(1, 1, 64), (1, 101, 0), (1, 100, 1), (1, 6, 48), (1, 38, 0)]
    assert [(p, v) for c, p, v in controls if c == 2] == [(7, 100), (10, 64)]


def test_notes_slide_up_to_their_pitch(monkeypatch):
    monkeypatch.setitem(globals(), "SOUNDS", [midi.Sound(29, scoop=100), midi.Sound(34)])
    messages = [message for message in _messages() if message[0] == 1]
    bends = [(t, low + 128 * high) for _, t, kind, low, high in messages if kind == "PITCH_BEND"]
    # Half of the wheel's way down is a semitone.
    assert bends[0] == (0.5, 4096)
    assert bends[8] == (pytest.approx(0.5 + 1 / 12, abs=2e-3), 8192)
    assert [value for _, value in bends[:9]] == sorted(value for _, value in bends[:9])
    assert [t for t, _ in bends[9:]] == sorted(t for t, _ in bends[9:])
    assert bends[9] == (0.75, 4096)
    order = [kind for _, t, kind, *_ in messages if t == 0.75]
    assert order.index("PITCH_BEND") < len(order) - 1 - order[::-1].index("NOTE_ON")
    assert not [message for message in _messages() if message[0] == 2 and message[2] == "PITCH_BEND"]


def test_no_slide_goes_on_after_the_next_note(monkeypatch):
    monkeypatch.setitem(globals(), "SOUNDS", [midi.Sound(29, scoop=100), midi.Sound(34)])
    close = [Note(0.5, 0.05, 60, 0), Note(0.55, 0.3, 62, 0)]
    bends = [(t, low + 128 * high) for _, t, kind, low, high in _messages(close) if kind == "PITCH_BEND"]
    after = [value for t, value in bends if t >= 0.55 - 1e-3]
    assert after == sorted(after)
    assert after[-1] == 8192


def test_a_part_without_notes_may_slide(monkeypatch):
    monkeypatch.setitem(globals(), "SOUNDS", [midi.Sound(29, scoop=100), midi.Sound(34)])
    assert not [message for message in _messages([NOTES[2]]) if message[2] == "PITCH_BEND"]

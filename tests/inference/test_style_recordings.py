from pathlib import Path

import pytest
import soundfile

from pipelines.errors import UserError
from pipelines.inference.style_recordings import StyleRecording, find
from tests.inference import tiny


@pytest.fixture
def song(tmp_path: Path) -> Path:
    soundfile.write(tmp_path / "song.wav", tiny.song(0.1), tiny.SPEC.sample_rate)
    return tmp_path / "song.wav"


def test_songs_and_folders_in_the_order_of_the_user(song: Path):
    (song.parent / "bad.mp3").write_text("found, but decoded only later")
    found = find([song.parent, song], "--style")
    assert found == [
        StyleRecording(song.parent / "bad.mp3", required=False),
        StyleRecording(song, required=False),
        StyleRecording(song, required=True),
    ]
    assert find([], "--style") == []


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nowhere", "nowhere does not exist: check the name"),
        ("empty", "empty is an empty folder: put songs there, or name another with --style"),
        ("words.wav", r"words\.wav is not a readable audio file"),
        ("notes.txt", r"notes\.txt is not a readable audio file"),
    ],
)
def test_a_path_that_is_no_recording_is_a_user_error(tmp_path: Path, name: str, message: str):
    (tmp_path / "empty").mkdir()
    for text in ("words.wav", "notes.txt"):
        (tmp_path / text).write_text("these are words")
    with pytest.raises(UserError, match=message):
        find([tmp_path / name], "--style")

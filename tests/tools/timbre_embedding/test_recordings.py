import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from pipelines.errors import UserError
from tools.timbre_embedding import recordings
from tools.timbre_embedding.triplets import Recording


def bench(folder: Path, entries: list[tuple[str, str, str]]) -> Path:
    """Benchmark folder of short noises, with entries (split, piece, instrument)."""
    random = np.random.default_rng(0)
    lines = []
    for split, piece, instrument in entries:
        path = f"{split}-{piece}-{instrument}.wav"
        soundfile.write(folder / path, 0.1 * random.standard_normal(16000), 16000)
        lines.append({"path": path, "split": split, "piece": piece, "instrument": instrument})
    (folder / "catalogue.json").write_text(json.dumps(lines))
    return folder


def fake_recordings(pieces: int, instruments: int) -> list[Recording]:
    windows = np.zeros((1, 62, 12), np.float32)
    return [
        Recording(str(i), str(j), windows + 100 * i + j) for i in range(pieces) for j in range(instruments)
    ]


def test_reads_recordings_that_are_not_silent(tmp_path):
    folder = bench(tmp_path, [("judge", "a", "harp"), ("content", "b", "harp"), ("judge", "c", "rock")])
    soundfile.write(folder / "judge-c-rock.wav", np.zeros(16000), 16000)
    (found,) = recordings.read(folder)
    assert (found.piece, found.instrument, found.windows.shape) == ("a", "harp", (1, 62, 12))


def test_held_out_recordings_are_not_in_the_training_set():
    training, known, new = recordings.split(fake_recordings(8, 8), seed=0)
    assert len(training) == 6 * 6
    known_instruments = {each.instrument for each in training}
    for triplets, is_known_instruments in ((known, True), (new, False)):
        numbers = triplets[:, :, 0, 0].astype(int)
        assert not {str(number // 100) for number in numbers.ravel()} & {each.piece for each in training}
        assert all(
            (str(number % 100) in known_instruments) == is_known_instruments for number in numbers.ravel()
        )


def test_excerpts_of_one_work_are_held_out_together():
    excerpts = [
        Recording(f"{i}{part}", str(j), np.full((1, 62, 12), i, np.float32))
        for i in range(8)
        for part in ("", "-from24")
        for j in range(8)
    ]
    training, known, new = recordings.split(excerpts, seed=0)
    held = {str(int(number)) for triplets in (known, new) for number in triplets[:, :, 0, 0].ravel()}
    assert len(held) == 2
    assert not held & {each.work for each in training}


@pytest.mark.parametrize(("pieces", "instruments"), [(3, 8), (8, 4)])
def test_too_small_benchmark_is_a_user_error(pieces, instruments):
    with pytest.raises(UserError, match=f"{pieces} works and {instruments} instruments are too few"):
        recordings.split(fake_recordings(pieces, instruments), seed=0)


@pytest.mark.parametrize("text", [None, "{", "{}", '[{"path": "a.wav"}]', '["judge"]'])
def test_missing_or_invalid_catalogue_is_a_user_error(tmp_path, text):
    if text is not None:
        (tmp_path / "catalogue.json").write_text(text)
    with pytest.raises(UserError, match=r"catalogue.json (is missing or unreadable|names no songs)"):
        recordings.read(tmp_path)

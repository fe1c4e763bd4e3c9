import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from pipelines.errors import UserError
from tools.timbre_embedding import judge_songs
from tools.timbre_embedding.triplets import Recording


def bench(folder: Path, entries: list[tuple[str, str, str]]) -> Path:
    """A rendered benchmark of short noises: (split, piece, instrument)."""
    random = np.random.default_rng(0)
    lines = []
    for split, piece, instrument in entries:
        path = f"{split}-{piece}-{instrument}.wav"
        soundfile.write(folder / path, 0.1 * random.standard_normal(16000), 16000)
        lines.append({"path": path, "split": split, "piece": piece, "instrument": instrument})
    (folder / "catalogue.json").write_text(json.dumps(lines))
    return folder


def recordings(pieces: int, instruments: int) -> list[Recording]:
    windows = np.zeros((1, 62, 12), np.float32)
    return [
        Recording(str(i), str(j), windows + 100 * i + j) for i in range(pieces) for j in range(instruments)
    ]


def test_reads_the_judge_s_songs_that_can_be_heard(tmp_path):
    folder = bench(tmp_path, [("judge", "a", "harp"), ("content", "b", "harp"), ("judge", "c", "rock")])
    soundfile.write(folder / "judge-c-rock.wav", np.zeros(16000), 16000)
    (found,) = judge_songs.read(folder)
    assert (found.piece, found.instrument, found.windows.shape) == ("a", "harp", (1, 62, 12))


def test_what_is_held_out_is_not_learned_from():
    learned, known, new = judge_songs.split(recordings(8, 8), seed=0)
    assert len(learned) == 6 * 6
    seen = {each.instrument for each in learned}
    for triplets, is_seen in ((known, True), (new, False)):
        numbers = triplets[:, :, 0, 0].astype(int)
        assert not {str(number // 100) for number in numbers.ravel()} & {each.piece for each in learned}
        assert all((str(number % 100) in seen) == is_seen for number in numbers.ravel())


def test_excerpts_of_one_work_are_held_out_together():
    excerpts = [
        Recording(f"{i}{part}", str(j), np.full((1, 62, 12), i, np.float32))
        for i in range(8)
        for part in ("", "-from24")
        for j in range(8)
    ]
    learned, known, new = judge_songs.split(excerpts, seed=0)
    held = {str(int(number)) for triplets in (known, new) for number in triplets[:, :, 0, 0].ravel()}
    assert len(held) == 2
    assert not held & {each.work for each in learned}


@pytest.mark.parametrize(("pieces", "instruments"), [(3, 8), (8, 4)])
def test_too_small_a_benchmark_is_a_sentence(pieces, instruments):
    with pytest.raises(UserError, match=f"{pieces} works and {instruments} instruments are too few"):
        judge_songs.split(recordings(pieces, instruments), seed=0)


@pytest.mark.parametrize("text", [None, "{", "{}", '[{"path": "a.wav"}]', '["judge"]'])
def test_a_folder_without_a_catalogue_is_a_sentence(tmp_path, text):
    if text is not None:
        (tmp_path / "catalogue.json").write_text(text)
    with pytest.raises(UserError, match=r"catalogue.json (is missing or unreadable|names no songs)"):
        judge_songs.read(tmp_path)

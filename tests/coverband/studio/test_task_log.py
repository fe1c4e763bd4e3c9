from pathlib import Path

import pytest

from coverband.studio import task_log
from coverband.studio.task_log import Progress

BAR = "training:  38%|███▊      | 40/106 [01:03<1:01:33,  1.42s/step, kl 0.0971, discriminator 0.652]"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Progress()),
        ("building the model\n", Progress(message="building the model")),
        (
            f"tracing\n{BAR}\n",
            Progress("training", 40 / 106, 40, 106, 3693, "tracing"),
        ),
        (
            f"{BAR}\ncoverband: the disk is full: free some space\n",
            Progress("training", 40 / 106, 40, 106, 3693, "the disk is full: free some space"),
        ),
        ("a: 7%|▋  | 1/15 [00:02<?, ?song/s]\n", Progress("a", 1 / 15, 1, 15, None)),
        (
            "song.mp3:   0%|      | 0.0/30.0 [00:00<00:30,  1s/s]\rsong.mp3: 50%|█ | 15.0/30.0 [00:05<00:05]",
            Progress("song.mp3", 0.5, 15, 30, 5),
        ),
    ],
)
def test_the_newest_bar_and_the_newest_sentence(tmp_path: Path, text: str, expected: Progress):
    (tmp_path / "log").write_text(text)
    assert task_log.read(tmp_path / "log") == expected


def test_no_log_and_a_long_one(tmp_path: Path):
    assert task_log.read(tmp_path / "log") == Progress()
    (tmp_path / "log").write_text("é" * 1_000_000 + f"\n{BAR}\n")
    assert task_log.read(tmp_path / "log").done == 40

"""`python -m tools benchmark embedding` as a command."""

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile

from pipelines.metrics.embedding import TimbreEmbedding
from tests import commands
from tests.metrics.timbres import RATE, melody

pytestmark = pytest.mark.slow


def _run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return commands.run("tools.benchmarks.embedding", *arguments)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight tunes by eight instruments, two seconds each."""
    folder, entries = tmp_path_factory.mktemp("bench"), []
    for piece in range(8):
        notes = np.random.default_rng(piece).integers(55, 75, size=4)
        for instrument in range(8):
            entry = {"path": f"{piece}-{instrument}.wav", "split": "judge"}
            entries.append(entry | {"piece": str(piece), "instrument": str(instrument)})
            harmonics = [(0.2 + 0.1 * instrument) ** k for k in range(8)]
            soundfile.write(folder / entry["path"], melody(notes, harmonics), RATE)
    (folder / "catalogue.json").write_text(json.dumps(entries))
    return folder


def test_trains_and_prints_a_table(bench, tmp_path):
    done = _run("--bench", bench, "--out", tmp_path / "timbre.npz", "--steps", 2)
    assert done.returncode == 0, done.stderr
    rows = [line.split("|")[1].strip() for line in done.stdout.splitlines()]
    assert rows[2:] == ["MFCC means", "untrained network", "trained network"]
    points = TimbreEmbedding.load(tmp_path / "timbre.npz").embed(melody((60, 62), (1.0,)), RATE)
    assert points.shape == (1, 64)


@pytest.mark.parametrize(
    ("out", "message"),
    [("timbre.txt", "name a .npz file"), ("nowhere/timbre.npz", "in an existing folder")],
)
def test_invalid_output_is_a_user_error(bench, out, message):
    done = _run("--bench", bench, "--out", out)
    assert done.returncode == 1
    assert message in done.stderr
    assert done.stderr.count("\n") == 1

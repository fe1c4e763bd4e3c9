"""`python -m tools benchmark speed` as a command, with tiny data and models."""

from __future__ import annotations

import json
from typing import Any

import pytest
import soundfile

from pipelines.audio import files
from pipelines.audio.spec import AudioSpec
from pipelines.data.preparation import prepare
from pipelines.data.schema import DOMAINS, Settings
from pipelines.evaluation.pairs import find_pairs
from tests import commands
from tools.benchmarks.speed.staged import STAGES
from tools.demo import DEMO_SONGS

pytestmark = pytest.mark.slow

SPEC = AudioSpec(sample_rate=16000, n_fft=512, hop_length=128, n_mels=32, fmax=8000.0)
SMALL = (
    "generator.channels=4",
    "generator.width=16",
    "generator.blocks=1",
    "perceptual.content=random",
    "perceptual.filters=6",
    "perceptual.widths=1,3",
    "perceptual.groups=4",
    "data.frames=32",
    "data.batch_size=2",
)
PARTS = "features,reading,steps,translation,inversion"


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Results of a run: the JSON that it writes, and under "printed" its standard output."""
    folder = tmp_path_factory.mktemp("speed")
    pair = find_pairs(DEMO_SONGS / "truth")[0]
    for domain, path in (("content", pair.source), ("band", pair.band)):
        (folder / domain).mkdir()
        song = files.read(path, SPEC.sample_rate)[: 3 * SPEC.sample_rate]
        soundfile.write(folder / domain / "song.wav", song, SPEC.sample_rate)
    prepare(
        {domain: folder / domain for domain in DOMAINS}, folder / "data", Settings(SPEC, segment_frames=64), 1
    )
    changes = [f"--set=styletransfer.{change}" for change in SMALL]
    where = (
        "--data",
        folder / "data",
        "--song",
        folder / "content" / "song.wav",
        "--out",
        folder / "found.json",
    )
    how = ("--parts", PARTS, "--families", "styletransfer", "--seconds", 0, "--iterations", 2, "--nomemory")
    done = commands.run(
        "tests.tools.benchmarks.speed.single_process",
        *where,
        *how,
        *changes,
        "--profile",
        folder / "traces",
        "--peak_tflops",
        1,
    )
    assert done.returncode == 0, done.stderr
    assert list((folder / "traces").rglob("*.xplane.pb"))
    return json.loads((folder / "found.json").read_text()) | {"printed": done.stdout}


def _rows(found: dict[str, Any], title: str) -> list[dict[str, Any]]:
    return next(table["rows"] for table in found["tables"] if table["title"].startswith(title))


def test_prints_every_part(found):
    assert [line[3:] for line in found["printed"].splitlines() if line.startswith("## ")] == [
        "Input pipeline",
        "Train step",
        "Operations of a train step of styletransfer_tiny",
        "Features",
        "Inversion, 2 iterations of Griffin-Lim",
        "Translation by styletransfer_tiny, mono",
        "Translation by styletransfer_tiny, stereo",
    ]
    assert f"tensorflow {found['machine']['versions']['tensorflow']}" in found["printed"].splitlines()[0]


def test_step_has_time_and_operations(found):
    (row,) = _rows(found, "Train step")
    assert row["clips x frames"] == "2 x 32"
    assert row["PyTorch, ms"] in ("no reference", "pip install torch")
    rate = row["GFLOP"] / row["Coverband, ms"]["median"] * 1000
    assert row["GFLOP/s"] == pytest.approx(rate)
    assert row["% of peak"] == pytest.approx(rate / 10)
    shares = [each["%"] for each in _rows(found, "Operations")]
    assert shares == sorted(shares, reverse=True)
    assert 0 < sum(shares) <= 100.001


def test_pipeline_is_measured_alone_and_with_the_step(found):
    (row,) = _rows(found, "Input pipeline")
    ratio = row["batches/s, pipeline"]["median"] / row["steps/s, fixed batch"]["median"]
    assert row["pipeline, times the step"] == pytest.approx(ratio)
    assert 0 <= row["step waits, %"]["median"] < 100


def test_both_libraries_compute_the_same(found):
    for row in _rows(found, "Features"):
        assert row["largest difference"] < 1e-3
        assert row["times as fast"]["low"] <= row["times as fast"]["high"]
    assert len(_rows(found, "Inversion")) == 2


def test_stages_add_up_to_the_translation(found):
    for channels in ("mono", "stereo"):
        rows = {row["stage"]: row for row in _rows(found, f"Translation by styletransfer_tiny, {channels}")}
        assert list(rows) == [*STAGES, "all stages", "without timers", "coverband translate"]
        assert all(row["x real time"] for row in rows.values())
        assert rows["all stages"]["%"] == 100

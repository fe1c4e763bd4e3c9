"""Engines of an ONNX export and of a SavedModel of one translator give the same answers."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from coverband.commands import serve
from pipelines.errors import UserError
from pipelines.inference.export import export
from pipelines.inference.onnx_export import export_onnx
from pipelines.inference.warmup_requests import requests
from pipelines.serving import folders
from pipelines.serving.engine import Engine
from pipelines.serving.engines import load
from pipelines.serving.predictor import ModelInputError
from pipelines.serving.server_process import ServerProcess
from tests.inference import tiny
from tests.serving.songs import decoded, encoded, expected_cover

pytest.importorskip("onnxruntime")
pytest.importorskip("tf2onnx")

RATE = tiny.SPEC.sample_rate


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a SavedModel and an ONNX export."""
    folder = tmp_path_factory.mktemp("models")
    source = folder / "run" / "translator"
    translator = tiny.trained_noisy(source)
    export(translator, source, folder / "saved")
    export_onnx(translator, source, folder / "onnx")
    return folder


@pytest.fixture
def run(models: Path, tmp_path: Path) -> Path:
    """Training run with an ONNX export."""
    shutil.copytree(models / "run", tmp_path / "mine")
    shutil.copytree(models / "onnx", tmp_path / "mine" / "onnx")
    return tmp_path / "mine"


@pytest.fixture(scope="module")
def engines(models: Path) -> list[Engine]:
    return [load(models / name, 60.0) for name in ("onnx", "saved")]


def float32(*values: Any) -> np.ndarray:
    return np.array(values, np.float32)


def inputs(signature: str) -> dict[str, np.ndarray]:
    """Inputs of a signature."""
    song, log_mel = tiny.song(1.0), np.random.default_rng(0).uniform(-1, 0, (2, 64, tiny.SPEC.n_mels, 1))
    maps = {"log_mel": log_mel.astype(np.float32)}
    return {
        "serving_default": {"waveform": song, "strength": np.float32(1.0)},
        "dials": {"waveform": song, "strength": np.float32(0.5), "closeness": np.float32(0.9)},
        "batch": {"waveform": np.stack([song[:, 0], song[::-1, 1]]), "strength": float32(1, 0.5)},
        "wav_bytes": requests(tiny.SPEC)["wav_bytes"],
        "log_mel": maps,
        "window": {**maps, "first_frame": np.array([0, 64], np.int32), "closeness": float32(0.5, 1.0)},
    }[signature]


@pytest.mark.parametrize("signature", ["serving_default", "dials", "batch", "log_mel", "window"])
def test_signatures_are_equal(engines: list[Engine], signature: str):
    found, expected = (engine.run(signature, inputs(signature)) for engine in engines)
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        assert found[name].shape == value.shape
        assert np.ptp(value) > 0.01
        np.testing.assert_allclose(found[name], value, atol=1e-4)


def test_wav_files_are_equal(engines: list[Engine]):
    found, expected = (engine.run("wav_bytes", inputs("wav_bytes"))["audio_bytes"][0] for engine in engines)
    assert len(found) == len(expected)
    np.testing.assert_allclose(
        *(np.frombuffer(file[44:], "<i2").astype(int) for file in (found, expected)), atol=5
    )


def test_windows_of_songs_are_equal(engines: list[Engine]):
    song = tiny.song(2.0)
    found, expected = (engine.translate_window(song, -20.0, 0, {"strength": 1.0}) for engine in engines)
    assert found.shape == song.shape
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_descriptions_are_equal_but_for_the_names_of_tensors(engines: list[Engine]):
    found, expected = (json.loads(json.dumps(engine.describe())) for engine in engines)
    for description in (found, expected):
        for definition in description["metadata"].values():
            for tensor in (*definition["inputs"].values(), *definition["outputs"].values()):
                tensor.pop("name")
    assert found["metadata"] == expected["metadata"]
    assert found == expected


def test_an_empty_waveform_stays_empty(engines: list[Engine]):
    empty = {"waveform": np.zeros((0, 2), np.float32), "strength": np.float32(1.0)}
    for engine in engines:
        assert engine.run("serving_default", empty)["waveform"].shape == (0, 2)


@pytest.mark.parametrize(
    ("signature", "changes", "message"),
    [
        ("wav_bytes", {"wav_bytes": np.array([b"no sound"], object)}, "Error opening"),
        ("serving_default", {"waveform": np.zeros((100, 3), np.float32)}, "1 or 2 channels, not 3"),
        ("batch", {"strength": float32(1, 1, 1)}, "shorter|longer"),
    ],
)
def test_what_the_model_does_not_take(engines: list[Engine], signature: str, changes: Any, message: str):
    with pytest.raises(ModelInputError, match=message):
        engines[0].run(signature, inputs(signature) | changes)


def test_both_are_found(models: Path):
    assert folders.find([models]) == {name: {1: models / name} for name in ("onnx", "saved")}


@pytest.mark.slow
def test_a_server_of_an_export(models: Path, tmp_path: Path):
    song, row = tiny.song(2.0), {"waveform": [0.1] * 2000, "strength": 1.0}
    with ServerProcess(models / "onnx", tmp_path / "log") as server:
        status, content = server.call("/v1/translate?model=onnx&strength=1", encoded(song))
        assert status == 200
        expected = expected_cover(models / "saved", song, tmp_path)
        np.testing.assert_allclose(decoded(content), expected, atol=2e-4)
        body = json.dumps({"signature_name": "batch", "instances": [row, row]}).encode()
        status, content = server.call("/v1/models/onnx:predict", body)
        assert (status, np.shape(json.loads(content)["predictions"])) == (200, (2, 2000))
        assert server.metric("coverband_worker_memory_bytes") < 500e6


def test_the_command_serves_the_export_of_a_run(run: Path, monkeypatch: pytest.MonkeyPatch):
    served = []
    monkeypatch.setattr(serve.lifecycle, "run", lambda roots, *_: served.append(folders.find(roots)))
    serve.main(["serve", f"--model={run}"])
    assert served == [{"mine": {1: run / "onnx"}}]
    tiny.trained(run / "translator")
    with pytest.raises(UserError, match=r"mine has no ONNX export of its present weights: .* writes one"):
        serve.main(["serve", f"--model={run}"])
    assert len(served) == 1


def test_a_worker_loads_no_tensorflow(models: Path):
    script = (
        "import json, sys; from pathlib import Path; from pipelines.serving.engines import load; "
        "import pipelines.serving.worker; load(Path(sys.argv[1]), 60.0).warm_up(); "
        "print(json.dumps([name for name in ('tensorflow', 'keras', 'librosa') if name in sys.modules]))"
    )
    line = [sys.executable, "-c", script, str(models / "onnx")]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(line, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == []

"""The demo, which is all the real commands one after the other, on a few seconds of every format.

What it leaves is used as a user would; its training is also killed and resumed.
"""

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests import commands
from tests.end_to_end import corpus

pytestmark = pytest.mark.slow

STEPS = 3


@pytest.fixture(scope="module")
def songs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders of songs, one of which is none."""
    folder = tmp_path_factory.mktemp("corpus") / "songs"
    corpus.write_folders(folder)
    (folder / "content/notes.mp3").write_text("no music")
    for who in ("source", "band"):
        corpus.write(folder / f"truth/bwv336.{who}.wav", corpus.excerpt(f"truth/bwv336.{who}.ogg"))
    return folder


@pytest.fixture(scope="module")
def home(songs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """songs/, work/ and out/ of a demo with a model that has learnt next to nothing."""
    home = tmp_path_factory.mktemp("home")
    shutil.copytree(songs, home / "songs")
    done = _finish(home, STEPS)
    (home / "demo.json").write_text(
        json.dumps({"code": done.returncode, "out": done.stdout, "err": done.stderr})
    )
    return home


def _finish(home: Path, steps: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(_demo(home, steps), capture_output=True, text=True, timeout=600, check=False)


def _demo(home: Path, steps: int) -> list[str]:
    folders = ("--corpus", home / "songs", "--out", home / "out", "--workdir", home / "work")
    return corpus.command("demo", *folders, "--nocompare", "--steps", steps, *corpus.TINY)


def _kill_training(home: Path) -> None:
    """Kills the training process (SIGKILL: it cannot save) soon after its first checkpoint."""
    with subprocess.Popen(_demo(home, 100_000), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as demo:
        deadline = time.monotonic() + 400
        while not (home / "work/vaegan/translator/card.json").exists():
            assert demo.poll() is None, demo.stderr.read()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        os.kill(int((home / "work/vaegan/.lock").read_text()), signal.SIGKILL)
        assert demo.wait() == 128 + signal.SIGKILL
        assert b"run the same command again to resume" in demo.stderr.read()


def _steps(home: Path) -> int:
    """Steps that the newest checkpoint has behind it."""
    names = [path.stem for path in (home / "work/vaegan/checkpoints").glob("*.index")]
    return max(int(name.rpartition("-")[2]) for name in names)


def _told(home: Path) -> dict[str, object]:
    return json.loads((home / "demo.json").read_text())


def test_the_claim_fails_in_one_sentence_at_the_end(home: Path):
    told = _told(home)
    assert told["code"] == 1
    assert told["out"].count("=== ") == 5
    assert told["err"].splitlines()[-1].startswith("coverband: the demo's claim fails: the cover's error")


def test_after_a_kill_what_was_done_is_not_done_again(songs: Path, tmp_path: Path):
    shutil.copytree(songs, tmp_path / "songs")
    _kill_training(tmp_path)
    steps = _steps(tmp_path)
    done = _finish(tmp_path, steps + STEPS)
    assert "4 of 5 songs are prepared already" in done.stderr
    assert f"going on from step {steps}" in done.stderr
    card = json.loads((tmp_path / "work/vaegan/translator/card.json").read_text())
    assert (card["family"], card["steps"]) == ("vaegan", steps + STEPS)


def test_every_format_is_prepared_and_the_broken_file_named(home: Path):
    manifest = json.loads((home / "work/data/manifest.json").read_text())
    names = {
        domain: [song["name"] for song in manifest["domains"][domain]["songs"]]
        for domain in ("content", "band")
    }
    assert names == {"content": ["more/harp.flac", "piano.mp3"], "band": ["one.wav", "two.ogg"]}
    assert [item["file"] for item in manifest["domains"]["content"]["skipped"]] == ["notes.mp3"]


def test_tensorboard_has_losses_sounds_pictures_and_words(home: Path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    kinds: dict[str, set[str]] = {}
    for events in (home / "work/vaegan/logs").rglob("events.out.tfevents.*"):
        accumulator = EventAccumulator(str(events)).Reload()
        for tag in accumulator.Tags()["tensors"]:
            plugin = accumulator.SummaryMetadata(tag).plugin_data.plugin_name
            kinds.setdefault(plugin, set()).add(tag)
    assert {"scalars", "audio", "images", "text"} <= set(kinds)
    assert any("reconstruction" in tag for tag in kinds["scalars"])
    assert "preview/translation" in kinds["audio"]


def test_the_results(home: Path):
    out = home / "out"
    for name in ("1-source.wav", "2-eq_match.ogg", "3-cover.wav", "4-truth.wav"):
        assert soundfile.info(out / f"bwv336-{name}").frames == round(corpus.SECONDS * corpus.RATE)
    means = json.loads((out / "table.json").read_text())["mean"]
    assert means["copy the source"]["chroma_to_source"] == pytest.approx(1, abs=1e-6)
    errors = {row: score["error"] for row, score in means.items()}
    assert errors["oracle"] < 0.3 * errors["EQ match"] < 0.3 * errors["copy the source"]
    assert (out / "spectrograms.png").stat().st_size < 300_000
    assert "Held-out pieces, mean of 1" in (out / "table.md").read_text()


def test_the_cover_and_what_the_export_makes_agree(home: Path, tmp_path: Path):
    source, _ = soundfile.read(home / "out/bwv336-1-source.wav", dtype="float32")
    cover, rate = soundfile.read(home / "out/bwv336-3-cover.wav", dtype="float32")
    assert (rate, cover.shape) == (44100, source.shape)
    assert np.abs(cover - source).max() > 0.02
    np.testing.assert_allclose(_served(home / "work/saved_model", source, tmp_path), cover, atol=1e-3)


def _served(model: Path, song: np.ndarray, folder: Path) -> np.ndarray:
    """Cover of a song by the SavedModel, in a process that imports none of Coverband's modules."""
    (folder / "served.py").write_text(
        "import sys, numpy as np, tensorflow as tf\n"
        "serve = tf.saved_model.load(sys.argv[1]).signatures['serving_default']\n"
        "(cover,) = serve(waveform=tf.constant(np.load('song.npy')), strength=tf.constant(1.0)).values()\n"
        "np.save('cover.npy', cover.numpy())\n"
        "sys.exit(bool({'pipelines', 'cyclegan', 'tools'} & set(sys.modules)))\n"
    )
    np.save(folder / "song.npy", song)
    done = commands.run("served", model, folder=folder)
    assert done.returncode == 0, done.stderr
    return np.load(folder / "cover.npy")

import dataclasses
import os
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from pipelines.errors import UserError
from pipelines.inference.export import export
from pipelines.inference.graph_song import translate_waveform
from pipelines.inference.loading import load_trained, load_window_translator
from pipelines.nn.dials import DIALS
from tests.inference import tiny


@pytest.mark.slow
def test_a_run_its_translator_and_its_export_give_the_same_waveform(workdir: Path, exported: Path):
    song = tf.constant(tiny.song(0.5))
    models = [load_window_translator(path) for path in (workdir, workdir / "translator", exported)]
    first, *others = (translate_waveform(model, song, DIALS).numpy() for model in models)
    for other in others:
        np.testing.assert_allclose(other, first, atol=1e-6)
    assert len({model.windows for model in models}) == 1


def test_a_missing_model_is_one_sentence(tmp_path: Path):
    with pytest.raises(UserError, match="nowhere is not a folder"):
        load_window_translator(tmp_path / "nowhere")
    with pytest.raises(UserError, match="holds no trained model"):
        load_window_translator(tmp_path)


@pytest.mark.parametrize(
    "damage", ["no card", "a truncated card", "a truncated network", "another spec", "no folder"]
)
def test_a_truncated_translator_beside_a_checkpoint_can_be_written_again(tmp_path: Path, damage: str):
    run = tmp_path / "run"
    folder = run / "translator"
    tiny.trained(folder)
    (run / "checkpoints").mkdir()
    (run / "checkpoints" / "step-3.index").touch()
    match damage:
        case "no card":
            (folder / "card.json").unlink()
        case "a truncated card":
            (folder / "card.json").write_text("{")
        case "a truncated network":
            (folder / "translator.keras").write_bytes((folder / "translator.keras").read_bytes()[:99])
        case "another spec":
            dataclasses.replace(tiny.SPEC, n_mels=80).save(folder)
        case "no folder":
            folder.rename(tmp_path / "elsewhere")
    with pytest.raises(UserError, match=f"`coverband train` with --resume and --workdir {run} writes it"):
        load_window_translator(run)


@pytest.mark.slow
def test_an_export_in_a_folder_of_any_name(tmp_path: Path):
    """Globs' characters, a backslash and Latin-1 at once: an export takes seconds."""
    name = os.fsdecode(b"a* [1]?\\b caf\xe9")
    folder = tmp_path / name / "translator"
    tiny.trained(folder)
    export(load_trained(folder), folder, tmp_path / name / name)
    song = tf.constant(tiny.song(0.5))
    exported, live = (
        translate_waveform(load_window_translator(path), song, DIALS).numpy()
        for path in (tmp_path / name / name, folder)
    )
    np.testing.assert_allclose(exported, live, atol=1e-6)


def test_a_network_beside_another_spec_is_refused(tmp_path: Path):
    tiny.trained(tmp_path / "translator")
    dataclasses.replace(tiny.SPEC, n_mels=80).save(tmp_path / "translator")
    with pytest.raises(UserError, match=r"takes 64 mel bands, its audio_spec\.json says 80"):
        load_trained(tmp_path)


def test_a_damaged_export_is_refused(exported: Path, tmp_path: Path):
    (tmp_path / "assets").mkdir()
    for name in ("card.json", "audio_spec.json"):
        (tmp_path / "assets" / name).write_bytes((exported / "assets" / name).read_bytes())
    (tmp_path / "saved_model.pb").write_bytes(b"damaged")
    with pytest.raises(UserError, match="export it again"):
        load_window_translator(tmp_path)

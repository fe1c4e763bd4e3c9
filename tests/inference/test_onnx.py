"""Translations by an ONNX export equal those by TensorFlow."""

import functools
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from signal import SIGTERM

import keras
import numpy as np
import pytest
import soundfile

from coverband.commands import live
from pipelines.audio.streams import Signal, array_blocks, block_size
from pipelines.errors import UserError
from pipelines.inference import onnx_export, onnx_folder, onnx_network
from pipelines.inference.array_window_translator import ArrayWindowTranslator
from pipelines.inference.loading import load_trained, load_window_translator
from pipelines.inference.onnx_export import export_onnx, export_run
from pipelines.inference.runtimes import Runtime
from pipelines.inference.runtimes import onnx_export as chosen
from pipelines.inference.translate import SongTranslator
from pipelines.inference.window_translator import WindowTranslator
from pipelines.nn.dials import Dials
from pipelines.nn.neural_vocoder import checkpoint
from pipelines.nn.neural_vocoder.card import VocoderCard
from pipelines.nn.neural_vocoder.inverter import NeuralInverter
from pipelines.nn.neural_vocoder.signal import correction_width, feature_width
from pipelines.nn.translator import Translator, load_translator
from pipelines.stems.files import Role
from pipelines.stems.parts import SplitSong, WholeSong
from tests.inference import tiny
from tests.stems import songs as stem_songs

pytest.importorskip("onnxruntime")
pytest.importorskip("tf2onnx")

RATE = tiny.SPEC.sample_rate


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Workdir of a training run with an ONNX export."""
    folder = tmp_path_factory.mktemp("run")
    export_onnx(tiny.trained_noisy(folder / "translator"), folder / "translator", folder / "onnx")
    return folder


@pytest.fixture(scope="module")
def translator(run: Path) -> Translator:
    return load_translator(run / "translator")


@pytest.fixture(scope="module")
def song_translators(run: Path, translator: Translator) -> list[SongTranslator]:
    """Song translators of the same small windows, by ONNX and by TensorFlow."""
    array, tensor = onnx_network.load_window_translator(run / "onnx"), tiny.window_translator(translator)
    small = ArrayWindowTranslator(array.translate, array.spec, array.inverter, tensor.windows)
    return [SongTranslator(small), SongTranslator(tensor)]


@pytest.fixture
def copied(run: Path, tmp_path: Path) -> Path:
    """Copy of the run, to be changed."""
    return shutil.copytree(run, tmp_path / "run")


def signal(song: np.ndarray) -> Signal:
    return Signal("song", functools.partial(array_blocks, song, block_size(RATE)))


@pytest.mark.parametrize("dials", [Dials(), Dials(0.5, 0.0), Dials(0.0), Dials(1.0, 1.0)])
@pytest.mark.parametrize(("seconds", "channels"), [(3.0, 2), (2.0, 1), (0.4, 2), (0.01, 1)])
def test_songs_are_equal(song_translators: list[SongTranslator], seconds: float, channels: int, dials: Dials):
    song = tiny.song(seconds, channels)
    found, expected = (
        each.translate_array(WholeSong(signal(song), RATE), dials) for each in song_translators
    )
    assert found.shape == song.shape
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_songs_with_a_stem_are_equal(song_translators: list[SongTranslator]):
    singer, rest = stem_songs.voice(2.0), stem_songs.accompaniment(2.0)
    parts = SplitSong(signal(singer + rest), signal(singer), Role.VOCALS, RATE)
    found, expected = (each.translate_array(parts, Dials()) for each in song_translators)
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_the_windows_are_those_of_tensorflow(run: Path, translator: Translator):
    windows = onnx_network.load_window_translator(run / "onnx").windows
    assert windows == WindowTranslator.from_translator(translator).windows


def test_the_files_of_an_export(run: Path, translator: Translator):
    names = {path.name for path in (run / "onnx").iterdir()}
    assert names == {"audio_spec.json", "card.json", "export.json", "model_card.json", "network.onnx"}
    (noise,) = onnx_folder.Record.load(run / "onnx").noise
    assert (noise.channels, noise.seed) == (tiny.SPEC.n_mels, 3)
    assert noise.name in [layer.name for layer in translator.model.layers]


def test_an_export_of_the_present_weights_is_found(copied: Path):
    assert onnx_folder.find(copied) == onnx_folder.find(copied / "translator") == copied / "onnx"
    assert onnx_folder.find(copied / "onnx") == copied / "onnx"


def test_an_export_of_other_weights_is_not_found(copied: Path):
    tiny.trained(copied / "translator")
    assert onnx_folder.find(copied) is None
    assert chosen(copied, Runtime.AUTO) is None
    with pytest.raises(UserError, match=r"has no ONNX export of its present weights: .* writes one"):
        chosen(copied, Runtime.ONNX)


def test_an_export_with_a_changed_style_is_not_the_runs(copied: Path):
    export_onnx(load_trained(copied), copied / "translator", copied / "onnx", is_restyled=True)
    assert onnx_folder.find(copied) is None
    assert onnx_folder.find(copied / "onnx") == copied / "onnx"


@pytest.mark.parametrize("change", ["damaged record", "vocoder", "no export"])
def test_no_export_is_found(copied: Path, change: str):
    if change == "damaged record":
        (copied / "onnx" / "export.json").write_text("{}")
    elif change == "vocoder":
        (copied / "vocoder.npz").touch()
    else:
        shutil.rmtree(copied / "onnx")
    assert onnx_folder.find(copied) is None


def test_the_choice_of_the_runtime(copied: Path, monkeypatch: pytest.MonkeyPatch):
    export = copied / "onnx"
    assert chosen(copied, Runtime.AUTO) == chosen(copied, Runtime.ONNX) == export
    assert chosen(export, Runtime.AUTO) == export
    assert chosen(copied, Runtime.TENSORFLOW) is None
    assert chosen(copied, Runtime.AUTO, "--style") is None
    with pytest.raises(UserError, match="--style is not possible with --runtime onnx"):
        chosen(copied, Runtime.ONNX, "--style")
    with pytest.raises(UserError, match="is an ONNX export, for which --style is not possible"):
        chosen(export, Runtime.AUTO, "--style")
    with pytest.raises(UserError, match="is an ONNX export, for which --runtime tensorflow"):
        chosen(export, Runtime.TENSORFLOW)
    monkeypatch.setattr(onnx_folder, "RUNTIME", "no_such_runtime")
    assert chosen(copied, Runtime.AUTO) is None


def test_a_finished_run_gets_an_export(copied: Path, capsys: pytest.CaptureFixture[str]):
    shutil.rmtree(copied / "onnx")
    export_run(copied)
    assert onnx_folder.find(copied) == copied / "onnx"
    assert "onnx, with which `coverband translate` starts at once" in capsys.readouterr().err
    export_run(copied)
    assert not capsys.readouterr().err


def test_a_run_does_not_fail_with_its_export(
    copied: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    shutil.rmtree(copied / "onnx")
    monkeypatch.setattr(onnx_export, "OPSET", 99)
    export_run(copied)
    assert "onnx is not written: the network cannot be converted to ONNX" in capsys.readouterr().err
    assert not (copied / "onnx").exists()


def test_a_run_gets_no_export_without_the_extra(copied: Path, monkeypatch: pytest.MonkeyPatch):
    shutil.rmtree(copied / "onnx")
    monkeypatch.setattr(onnx_folder, "CONVERTER", "no_such_converter")
    export_run(copied)
    assert not (copied / "onnx").exists()


@pytest.mark.slow
@pytest.mark.parametrize("iterations", [0, 2])
def test_a_vocoder_is_part_of_the_export(copied: Path, iterations: int):
    keras.utils.set_random_seed(1)
    features = keras.Input((None, feature_width(tiny.SPEC, 100)))
    correction = keras.layers.Dense(correction_width(tiny.SPEC, 100))(keras.layers.Dense(4)(features))
    card = VocoderCard("tiny", 1, 1, 100, iterations)
    vocoder = NeuralInverter(keras.Model(features, correction), tiny.SPEC, card)
    checkpoint.save(copied / "vocoder.npz", vocoder)
    assert onnx_folder.find(copied) is None
    export_run(copied)
    export = onnx_folder.find(copied)
    assert export == copied / "onnx"
    array = onnx_network.load_window_translator(export)
    tensor = load_window_translator(copied)
    assert array.windows == tensor.windows
    for channels, dials in ((2, Dials()), (1, Dials(0.5)), (2, Dials(0.0))):
        parts = WholeSong(signal(tiny.song(1.0, channels)), RATE)
        found, expected = (SongTranslator(each).translate_array(parts, dials) for each in (array, tensor))
        np.testing.assert_allclose(found, expected, atol=1e-4)
    plain = SongTranslator(WindowTranslator.from_translator(load_translator(copied / "translator")))
    assert np.abs(plain.translate_array(parts) - SongTranslator(array).translate_array(parts)).max() > 1e-3


def test_missing_packages_are_named(copied: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    monkeypatch.setitem(sys.modules, "tf2onnx", None)
    with pytest.raises(UserError, match=r"needs onnxruntime: pip install .coverband\[onnx\]"):
        onnx_network.OnnxNetwork(copied / "onnx")
    with pytest.raises(UserError, match=r"needs tf2onnx: pip install .coverband\[onnx\]"):
        export_onnx(load_trained(copied), copied / "translator", copied / "onnx")


def test_a_failed_conversion_is_one_sentence(copied: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(onnx_export, "OPSET", 99)
    with pytest.raises(UserError, match="the network cannot be converted to ONNX"):
        export_onnx(load_trained(copied), copied / "translator", copied / "onnx")
    assert onnx_folder.find(copied) == copied / "onnx"


def test_a_damaged_network_is_one_sentence(copied: Path):
    (copied / "onnx" / "network.onnx").write_bytes(b"no graph")
    with pytest.raises(UserError, match=r"network.onnx cannot be loaded"):
        onnx_network.OnnxNetwork(copied / "onnx")


def test_other_folders_are_not_replaced(run: Path, translator: Translator, tmp_path: Path):
    (tmp_path / "notes.txt").touch()
    with pytest.raises(UserError, match="exists and is no exported model"):
        export_onnx(translator, run / "translator", tmp_path)


def test_tensorflow_refuses_an_export(run: Path):
    with pytest.raises(UserError, match="onnx is an ONNX export, for `coverband translate`"):
        load_trained(run / "onnx")


def run_without_tensorflow(command: str, *arguments: object) -> str:
    """Runs a command; returns what it prints on stderr."""
    script = (
        f"import json, sys; from coverband.commands import {command}; {command}.main(sys.argv); "
        "print(json.dumps([*{'tensorflow', 'keras', 'librosa', 'scipy.signal'} & {*sys.modules}]))"
    )
    line = [sys.executable, "-c", script, *map(str, arguments)]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == []
    return done.stderr


@pytest.mark.parametrize("model", [".", "onnx"])
def test_the_command_loads_no_tensorflow(run: Path, tmp_path: Path, model: str):
    soundfile.write(tmp_path / "song.wav", tiny.song(0.8), RATE)
    arguments = ["--model", run / model, "--closeness", "0.7", tmp_path / "song.wav"]
    run_without_tensorflow("translate", *arguments, "--output", tmp_path / "cover.wav")
    assert soundfile.info(tmp_path / "cover.wav").frames == soundfile.info(tmp_path / "song.wav").frames


def test_a_song_is_played_live_without_tensorflow(run: Path, tmp_path: Path):
    soundfile.write(tmp_path / "song.wav", tiny.song(0.8), RATE)
    arguments = ["--model", run, "--input", tmp_path / "song.wav", "--output", tmp_path / "heard.wav"]
    printed = run_without_tensorflow("live", *arguments, "--clock", "file", "--block", "30")
    assert re.match(r"0:01 delay 0\.\d\d s, load \d+%, (no|\d) dropouts", printed)
    delay = re.search(r"\n0:01 of sound: delay (0\.\d\d) s, load \d+% \(in one second \d+%\), ", printed)
    assert delay, printed
    assert soundfile.info(tmp_path / "heard.wav").duration == pytest.approx(0.8 + float(delay[1]), abs=0.005)


def test_a_limit_of_seconds_ends_live(run: Path, tmp_path: Path):
    soundfile.write(tmp_path / "song.wav", tiny.song(5.0, 1), RATE)
    arguments = [
        "live",
        f"--model={run}",
        f"--input={tmp_path / 'song.wav'}",
        "--clock=file",
        "--seconds=0.3",
    ]
    live.main([*arguments, f"--output={tmp_path / 'heard.wav'}"])
    assert soundfile.info(tmp_path / "heard.wav").duration == pytest.approx(0.3, abs=0.02)


def test_what_was_heard_until_a_signal_is_kept(run: Path, tmp_path: Path):
    soundfile.write(tmp_path / "song.wav", tiny.song(60.0, 1), RATE)
    line = [sys.executable, "-c", "import sys; from coverband.commands import live; live.main(sys.argv)"]
    files = [f"--input={tmp_path / 'song.wav'}", f"--output={tmp_path / 'heard.wav'}"]
    with subprocess.Popen(
        [*line, f"--model={run}", *files, "--clock=file"], stderr=subprocess.PIPE
    ) as process:
        assert process.stderr
        while not process.stderr.readline().startswith(b"0:01 "):
            assert process.poll() is None
        process.terminate()
        process.communicate()
    assert process.returncode == 128 + SIGTERM
    assert 0.9 < soundfile.info(tmp_path / "heard.wav").duration < 30

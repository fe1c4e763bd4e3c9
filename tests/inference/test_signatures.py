"""The signatures of an export, in this process and in one that has TensorFlow alone."""

import io
import subprocess
import sys
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
import tensorflow as tf

from pipelines.nn.translator import Translator
from tests import commands
from tests.inference import tiny

RATE = tiny.SPEC.sample_rate

# Keras cannot be imported, and the working folder contains no Coverband.
FRESH = """
import sys
sys.modules["keras"] = None
import numpy as np
import tensorflow as tf
signatures = tf.saved_model.load(sys.argv[1]).signatures
given = np.load("given.npz")
clips, strengths = tf.constant(given["clips"]), tf.constant(given["strengths"])
wavs = tf.constant([open("song.wav", "rb").read()])
np.savez(
    "output.npz",
    cover=signatures["serving_default"](waveform=clips[0][:, None], strength=strengths[0])["waveform"],
    batch=signatures["batch"](waveform=clips, strength=strengths)["waveform"],
    log_mel=signatures["log_mel"](log_mel=tf.constant(given["log_mel"]))["log_mel"],
)
output = signatures["wav_bytes"](wav_bytes=wavs, strength=strengths[:1])["audio_bytes"]
open("output.wav", "wb").write(output[0].numpy())
ours = {"keras", "tf_keras", "pipelines", "cyclegan", "tools", "librosa", "soundfile"}
found = {name.partition(".")[0] for name, module in sys.modules.items() if module is not None}
assert not ours & found, ours & found
"""


@pytest.fixture(scope="module")
def call(exported: Path) -> Callable[..., np.ndarray]:
    """Function that calls a signature of the export by its name and returns its output."""
    # The model has to outlive its signatures.
    model = tf.saved_model.load(str(exported))

    def call_signature(signature: str, **inputs: object) -> np.ndarray:
        tensors = {name: tf.constant(value) for name, value in inputs.items()}
        (output,) = model.signatures[signature](**tensors).values()
        return output.numpy()

    return call_signature


def clips(seconds: float = 0.7) -> np.ndarray:
    """Three mono clips [3, samples], one of them soft, one silent."""
    song = tiny.song(seconds)
    return np.stack([song[:, 0], 0.1 * song[:, 1], 0 * song[:, 0]])


def wav(song: np.ndarray, rate: int = RATE) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, song, rate, "PCM_16", format="WAV")
    return file.getvalue()


def test_a_batch_is_its_clips_one_by_one(call: Callable[..., np.ndarray]):
    strengths = np.array([1.0, 0.4, 1.0], np.float32)
    output = call("batch", waveform=clips(), strength=strengths)
    for row, clip, strength in zip(output, clips(), strengths, strict=True):
        expected = call("serving_default", waveform=clip[:, None], strength=strength)
        np.testing.assert_allclose(row, expected[:, 0], atol=1e-5)


@pytest.mark.parametrize("samples", [0, 1])
def test_batches_of_empty_and_shortest_clips(call: Callable[..., np.ndarray], samples: int):
    output = call("batch", waveform=np.zeros((2, samples), np.float32), strength=np.ones(2, np.float32))
    assert output.shape == (2, samples)


@pytest.mark.parametrize("channels", [1, 2])
def test_wav_bytes_are_the_cover_in_16_bits(call: Callable[..., np.ndarray], channels: int):
    contents = wav(tiny.song(0.6, channels))
    output = call("wav_bytes", wav_bytes=[contents], strength=[1.0])
    with wave.open(io.BytesIO(output[0])) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (RATE, channels, 2)
        pcm = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, channels)
    song = soundfile.read(io.BytesIO(contents), dtype="float32", always_2d=True)[0]
    expected = call("serving_default", waveform=song, strength=1.0)
    np.testing.assert_allclose(pcm / 32768, expected, atol=1e-4)


def test_wav_files_of_one_batch_may_differ_in_length(call: Callable[..., np.ndarray]):
    songs = [wav(tiny.song(seconds)) for seconds in (0.2, 0.5)]
    output = call("wav_bytes", wav_bytes=songs, strength=[1.0, 1.0])
    lengths = [len(soundfile.read(io.BytesIO(each))[0]) for each in output]
    assert lengths == [round(seconds * RATE) for seconds in (0.2, 0.5)]


@pytest.mark.parametrize("contents", [b"", b"RIFF", b"words" * 50, wav(tiny.song(0.1), 8000)])
def test_contents_that_are_no_wav_of_this_rate_are_errors(call: Callable[..., np.ndarray], contents: bytes):
    with pytest.raises(tf.errors.InvalidArgumentError):
        call("wav_bytes", wav_bytes=[contents], strength=[1.0])


@pytest.mark.slow
def test_a_process_with_tensorflow_alone_gives_the_same(
    call: Callable[..., np.ndarray], exported: Path, tmp_path: Path
):
    strengths = np.array([1.0, 0.4, 0.0], np.float32)
    log_mel = np.linspace(-1, 1, 8 * 64, dtype=np.float32).reshape(1, 8, 64, 1)
    np.savez(tmp_path / "given.npz", clips=clips(), strengths=strengths, log_mel=log_mel)
    contents = wav(tiny.song(0.6))
    (tmp_path / "song.wav").write_bytes(contents)
    command = [sys.executable, "-I", "-c", FRESH, str(exported)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    output = np.load(tmp_path / "output.npz")
    np.testing.assert_allclose(
        output["cover"],
        call("serving_default", waveform=clips()[0][:, None], strength=strengths[0]),
        atol=1e-6,
    )
    np.testing.assert_allclose(
        output["batch"], call("batch", waveform=clips(), strength=strengths), atol=1e-6
    )
    np.testing.assert_allclose(output["log_mel"], call("log_mel", log_mel=log_mel), atol=1e-6)
    written = soundfile.read(tmp_path / "output.wav")[0]
    (expected,) = call("wav_bytes", wav_bytes=[contents], strength=[1.0])
    np.testing.assert_allclose(written, soundfile.read(io.BytesIO(expected))[0], atol=1e-4)


def test_the_network_alone_is_the_live_network(call: Callable[..., np.ndarray], translator: Translator):
    log_mel = np.linspace(-1, 1, 8 * 64, dtype=np.float32).reshape(1, 8, 64, 1)
    np.testing.assert_allclose(call("log_mel", log_mel=log_mel), translator.model(log_mel), atol=1e-6)


@pytest.mark.slow
def test_saved_model_cli_shows_and_runs_it(exported: Path, tmp_path: Path):
    np.savez(tmp_path / "song.npz", waveform=tiny.song(0.3), strength=np.float32(1.0))
    cli = "tensorflow.python.tools.saved_model_cli"
    dirs = ["--dir", str(exported), "--tag_set", "serve"]
    listing = commands.run(cli, "show", *dirs).stdout
    assert all(f'"{name}"' in listing for name in ("serving_default", "batch", "wav_bytes", "log_mel"))
    inputs = ";".join(f"{name}={tmp_path}/song.npz[{name}]" for name in ("waveform", "strength"))
    run = ["--signature_def", "serving_default", "--inputs", inputs, "--outdir", str(tmp_path / "output")]
    done = commands.run(cli, "run", *dirs, *run)
    assert done.returncode == 0, done.stderr
    assert np.load(tmp_path / "output" / "waveform.npy").shape == tiny.song(0.3).shape

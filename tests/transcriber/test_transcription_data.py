import dataclasses
import json
import os
import shutil

import numpy as np
import pyloudnorm
import pytest
import soundfile

from pipelines.audio import features
from pipelines.audio.spec import AudioSpec
from pipelines.errors import UserError
from tests.transcriber import scenes
from transcriber import piano_roll, transcription_data
from transcriber.transcription_data import CATALOGUE, Recording, catalogue, load_examples, statistics

OTHER_SPEC = AudioSpec(sample_rate=16000, n_fft=512, hop_length=128, n_mels=24, fmax=8000.0)


@pytest.fixture
def folder(decoded, tmp_path, monkeypatch):
    """A copy of the transcription data, all of them decoded; missing log-mels are decoded in this process."""
    monkeypatch.setattr(transcription_data.worker_pool, "run", scenes.in_process)
    shutil.copytree(decoded, tmp_path / "transcription_data", copy_function=shutil.copy2)
    return tmp_path / "transcription_data"


@pytest.fixture
def undecoded(folder):
    for cache in folder.glob(".log_mels*"):
        shutil.rmtree(cache)
    return folder


def read(folder, spec=scenes.SPEC):
    return load_examples(catalogue(folder), spec, folder)


def names(found):
    return [each.recording.name for each in found]


def test_the_catalogue_names_the_recordings(folder):
    found = catalogue(folder)
    assert found[1] == Recording("high", "train", folder / "high.ogg", folder / "high.mid", "high")
    assert [(each.name, each.split) for each in found] == [(k, v[0]) for k, v in scenes.RECORDINGS.items()]


def test_twins_share_an_excerpt(tmp_path):
    entries = [{**each, "excerpt": "one"} for each in scenes.entries()]
    (tmp_path / "recordings.json").write_text(json.dumps(entries))
    assert {each.excerpt for each in catalogue(tmp_path)} == {"one"}


def only(*splits):
    return json.dumps([each for each in scenes.entries() if each["split"] in splits])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (None, "missing or damaged: render the transcription data"),
        ("", "missing or damaged"),
        ("[{", "missing or damaged"),
        ("3", "missing or damaged"),
        ('{"name": "one"}', "missing or damaged"),
        ('[{"name": "one", "split": "train", "audio": "one.wav"}]', "missing or damaged"),
        ("[]", "no recording of the split 'train'"),
        (only("train", "test"), "no recording of the split 'valid'"),
        (only("valid"), "no recording of the split 'train'"),
    ],
)
def test_a_catalogue_that_will_not_do_is_named(tmp_path, text, sentence):
    if text is not None:
        (tmp_path / CATALOGUE).write_text(text)
    with pytest.raises(UserError, match=sentence) as error:
        catalogue(tmp_path)
    assert str(error.value).startswith(str(tmp_path / CATALOGUE))
    assert "\n" not in str(error.value)


def test_an_example_is_a_log_mel_and_its_notes(folder):
    for each in read(folder):
        expected = scenes.example(each.recording.name)
        # Vorbis and 16 bits change the sound a little.
        error = np.abs(each.log_mel.astype(np.float64) - expected.log_mel)
        assert error.mean() < (0.05 if each.recording.audio.suffix == ".ogg" else 2e-3)
        assert each.log_mel.dtype == np.float16
        np.testing.assert_allclose(each.notes, expected.notes, atol=1e-3)
        np.testing.assert_allclose(each.drums, expected.drums, atol=1e-3)
        expected_roll = piano_roll.from_notes(scenes.SPEC, each.notes, each.drums, len(each.log_mel))
        for ours, theirs in zip(each.roll, expected_roll, strict=True):
            np.testing.assert_array_equal(ours, theirs)


def test_channels_are_averaged_and_other_rates_resampled(undecoded):
    sound = scenes.sound(*scenes.score_of("low"), 0.9)
    soundfile.write(undecoded / "low.wav", np.stack([sound, np.zeros_like(sound)], axis=1), 16000)
    tone = 0.3 * np.sin(2 * np.pi * 440 * np.arange(48000) / 48000)
    soundfile.write(undecoded / "slow.wav", tone, 48000)
    low, _, slow = read(undecoded)[:3]
    np.testing.assert_allclose(low.log_mel, log_mel_at_training_loudness(sound), atol=0.02)
    expected = log_mel_at_training_loudness(0.3 * np.sin(2 * np.pi * 440 * np.arange(16000) / 16000))
    assert slow.log_mel.shape == expected.shape
    np.testing.assert_allclose(slow.log_mel[20:-20].max(axis=1), expected[20:-20].max(axis=1), atol=0.01)


def test_the_level_is_that_of_the_downmix(undecoded):
    """Uncorrelated channels: levelled in stereo, the downmix would be 6 dB too quiet."""
    stereo = np.random.default_rng(0).normal(0, 0.05, (32000, 2)).astype(np.float32)
    soundfile.write(undecoded / "low.wav", stereo, 16000, "FLOAT")
    expected = log_mel_at_training_loudness(stereo.mean(axis=1))
    np.testing.assert_allclose(read(undecoded)[0].log_mel, expected, atol=0.002)


def log_mel_at_training_loudness(mono):
    """Log-mel of a mono waveform at -23 LUFS by pyloudnorm."""
    gain = 10 ** ((-23 - pyloudnorm.Meter(16000).integrated_loudness(mono)) / 20)
    return features.log_mel(scenes.SPEC, (gain * mono)[None].astype(np.float32)).numpy()[0, ..., 0]


def test_audio_that_cannot_be_read_is_named_and_left_out(undecoded, capsys):
    (undecoded / "high.ogg").write_bytes(b"no music")
    (undecoded / "second.wav").unlink()
    assert names(read(undecoded)) == ["low", "slow", "first", "last"]
    lines = capsys.readouterr().err.splitlines()
    for name in ("high.ogg", "second.wav"):
        (line,) = (line for line in lines if name in line)
        assert line.startswith(f"{undecoded / name} is left out: ")


def test_nothing_readable_is_reported_in_one_sentence(undecoded):
    for path in [*undecoded.glob("*.wav"), *undecoded.glob("*.ogg")]:
        path.write_bytes(b"no music")
    with pytest.raises(UserError, match="holds no recording that can be read: render") as error:
        read(undecoded)
    assert str(error.value).startswith(str(undecoded))


def test_a_recording_whose_notes_cannot_be_read_is_named_and_left_out(folder, capsys):
    (folder / "slow.mid").write_bytes(b"no notes")
    (folder / "last.mid").unlink()
    assert names(read(folder)) == [name for name in scenes.RECORDINGS if name not in ("slow", "last")]
    lines = capsys.readouterr().err
    assert "slow is left out: " in lines
    assert "last.mid: No such file" in lines


def test_nothing_is_decoded_twice(folder, monkeypatch):
    first = read(folder)
    monkeypatch.setattr(transcription_data, "_cache_log_mel", None)
    again = read(folder)
    assert names(again) == names(first) == list(scenes.RECORDINGS)
    for ours, theirs in zip(again, first, strict=True):
        assert isinstance(ours.log_mel, np.memmap)
        np.testing.assert_array_equal(ours.log_mel, theirs.log_mel)


def test_what_is_missing_alone_is_decoded(folder, monkeypatch):
    asked = []

    def run(function, tasks, jobs):
        asked.extend(task.name for task in tasks)
        yield from scenes.in_process(function, tasks, jobs)

    monkeypatch.setattr(transcription_data.worker_pool, "run", run)
    (cache,) = folder.glob(".log_mels*")
    (cache / "first.npy").unlink()
    assert names(read(folder)) == list(scenes.RECORDINGS)
    assert asked == ["first"]


def test_a_recording_that_was_rendered_again_is_decoded_again(folder):
    before = read(folder)[0].log_mel.copy()
    (cache,) = folder.glob(".log_mels*")
    soundfile.write(folder / "low.wav", np.zeros(8000), 16000)
    later = (cache / "low.npy").stat().st_mtime + 10
    os.utime(folder / "low.wav", (later, later))
    after = read(folder)[0]
    assert len(after.log_mel) != len(before)
    assert len(after.roll.sounding) == len(after.log_mel)


def test_another_spec_has_log_mels_of_its_own(folder):
    assert read(folder, OTHER_SPEC)[0].log_mel.shape[1] == 24
    assert read(folder)[0].log_mel.shape[1] == 32
    assert len(list(folder.glob(".log_mels*"))) == 2


def test_statistics_are_those_of_all_frames_together():
    examples = scenes.of_split("train")
    frames = np.concatenate([each.log_mel.astype(np.float64) for each in examples])
    mean, deviation = statistics(examples)
    np.testing.assert_allclose(mean, frames.mean(axis=0), atol=1e-9)
    np.testing.assert_allclose(deviation, frames.std(axis=0), atol=1e-6)


def test_a_band_that_never_moves_has_some_deviation():
    silence = dataclasses.replace(scenes.example("low"), log_mel=np.full((50, 32), -1.0, np.float16))
    mean, deviation = statistics([silence])
    np.testing.assert_allclose(mean, -1.0)
    np.testing.assert_allclose(deviation, 1e-3)

"""Tiny transcription data: harmonic tones, noise bursts as drums, and their notes; and the preset, shrunk."""

from __future__ import annotations

import dataclasses
import functools
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import soundfile

from pipelines.audio import features
from pipelines.audio.spec import AudioSpec
from pipelines.evaluation import baselines
from pipelines.metrics.notes_file import write_performance
from tests.contracts import randomize
from transcriber import piano_roll
from transcriber.config import Config, transcriber_tiny
from transcriber.model import TranscriberModel
from transcriber.network_config import NetworkConfig
from transcriber.networks import build_network
from transcriber.transcription_data import CATALOGUE, Example, Recording

SPEC = AudioSpec(sample_rate=16000, n_fft=512, hop_length=128, n_mels=32, fmax=8000.0)
FRAMES = 32
SEED = 5
NOTHING = np.zeros((0, 3))
NETWORK: dict[str, Any] = {
    "harmonics": (1.0, 2.0, 3.0),
    "channels": 4,
    "width": 16,
    "dilations": (1,),
    "contrast_width": 9,
}
RECORDINGS = {
    "low": ("train", "wav", 0.9, 1),
    "high": ("train", "ogg", 1.3, 2),
    "slow": ("train", "wav", 1.1, 1),
    "first": ("valid", "ogg", 1.2, 1),
    "second": ("valid", "wav", 0.8, 2),
    "last": ("test", "wav", 0.7, 1),
}
"""By name: split, format, seconds, channels."""


def config(**groups: dict[str, Any]) -> Config:
    """The preset in small; `augment={"mix": 0.0}` changes fields of a group."""
    small = dataclasses.replace(transcriber_tiny(), spec=SPEC)
    sizes = {"network": NETWORK, "data": {"frames": FRAMES, "batch_size": 2}}
    for changes in (sizes, groups):
        parts = {name: dataclasses.replace(getattr(small, name), **each) for name, each in changes.items()}
        small = dataclasses.replace(small, **parts)
    return small


def model(**groups: dict[str, Any]) -> TranscriberModel:
    """A new model, as a new process would make it."""
    keras.backend.clear_session()
    keras.utils.set_random_seed(SEED)
    built = TranscriberModel(config(**groups))
    built.compile()
    return built


def network(**fields: Any) -> keras.Model:
    """A network of random weights, always the same; `time_stride=1` changes a field."""
    keras.utils.set_random_seed(SEED)
    built = build_network(NetworkConfig(**NETWORK | fields), SPEC)
    randomize(built)
    return built


def score(seed: int, seconds: float) -> tuple[np.ndarray, np.ndarray]:
    """Notes and strokes on a grid of a tenth of a second: one voice, and a drum every other beat."""
    chance = np.random.default_rng(seed)
    starts = np.arange(0.1, seconds - 0.2, 0.2)
    pitches = chance.integers(48, 84, len(starts))
    keys = chance.choice([36, 38, 42], len(starts[::2]))
    return (
        np.stack([starts, starts + 0.2, pitches], axis=1),
        np.stack([starts[::2], starts[::2] + 0.1, keys], axis=1),
    )


def score_of(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Notes and strokes of a recording."""
    return score(list(RECORDINGS).index(name), RECORDINGS[name][2])


def sound(notes: np.ndarray, drums: np.ndarray, seconds: float) -> np.ndarray:
    """Waveform of notes and drum strokes, float32 [samples]."""
    time = np.arange(round(seconds * SPEC.sample_rate)) / SPEC.sample_rate
    noise = np.random.default_rng(len(time)).normal(size=len(time))
    samples = 1e-3 * noise
    for start, end, pitch in notes:
        phase = 2 * np.pi * 440 * 2 ** ((pitch - 69) / 12) * (time - start)
        wave = np.sin(phase) + np.sin(2 * phase) / 2 + np.sin(3 * phase) / 3
        samples += 0.2 * wave * ((time >= start) & (time < end))
    for start, _, _ in drums:
        samples += 0.2 * noise * np.exp(-40 * np.maximum(time - start, 0)) * (time >= start)
    return samples.astype(np.float32)


@functools.cache
def example(name: str) -> Example:
    """Example of a recording, in memory."""
    split, _, seconds, _ = RECORDINGS[name]
    notes, drums = score_of(name)
    waveform = baselines.at_training_loudness(SPEC, sound(notes, drums, seconds)[:, None])[:, 0]
    log_mel = features.log_mel(SPEC, waveform[None]).numpy()[0, ..., 0].astype(np.float16)
    recording = Recording(name, split, Path(f"{name}.wav"), Path(f"{name}.mid"), name)
    return Example(recording, log_mel, notes, drums, piano_roll.from_notes(SPEC, notes, drums, len(log_mel)))


def of_split(split: str) -> list[Example]:
    """All examples of a split, in memory."""
    return [example(name) for name, each in RECORDINGS.items() if each[0] == split]


def write_folder(folder: Path) -> None:
    """Writes the recordings, their notes and the catalogue."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, (_, suffix, seconds, channels) in RECORDINGS.items():
        notes, drums = score_of(name)
        waveform = np.repeat(sound(notes, drums, seconds)[:, None], channels, axis=1)
        soundfile.write(folder / f"{name}.{suffix}", waveform, SPEC.sample_rate)
        write_performance(folder / f"{name}.mid", notes, drums)
    (folder / CATALOGUE).write_text(json.dumps(entries()))


def entries() -> list[dict[str, str]]:
    """The catalogue of the folder."""
    return [
        {"name": name, "split": split, "audio": f"{name}.{suffix}", "notes": f"{name}.mid"}
        for name, (split, suffix, _, _) in RECORDINGS.items()
    ]


def in_process(function: Callable[[Any], Any], tasks: Iterable[Any], jobs: int) -> Iterator[tuple[Any, Any]]:
    """Stands for `pipelines.data.worker_pool.run`, without the seconds that new processes need to start."""
    for task in tasks:
        try:
            yield task, function(task)
        except Exception as error:
            yield task, error

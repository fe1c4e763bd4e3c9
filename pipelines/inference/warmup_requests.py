"""Short requests to the signatures of a model that take waveforms, for its warm-up; without TensorFlow."""

from __future__ import annotations

import io

import numpy as np
import soundfile

from pipelines.audio.spec import AudioSpec

_SECONDS = 0.5


def requests(spec: AudioSpec) -> dict[str, dict[str, np.ndarray]]:
    """Requests by signature.

    Args:
        spec: of the model.

    Returns:
        signature -> input -> array.
    """
    clip = 0.1 * np.sin(2 * np.pi * 440 * np.arange(round(_SECONDS * spec.sample_rate)) / spec.sample_rate)
    song = np.stack([clip, clip], -1).astype(np.float32)
    wav, strength = _encode_wav(song, spec.sample_rate), np.ones(1, np.float32)
    return {
        "serving_default": {"waveform": song, "strength": np.float32(1.0).reshape(())},
        "batch": {"waveform": song.T[:1], "strength": strength},
        "wav_bytes": {
            "wav_bytes": np.array([wav], object),
            "strength": strength,
        },
    }


def _encode_wav(song: np.ndarray, sample_rate: int) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, song, sample_rate, "PCM_16", format="WAV")
    return file.getvalue()

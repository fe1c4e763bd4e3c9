"""Validation of audio specs that users choose."""

from __future__ import annotations

import warnings

import librosa

from pipelines.audio.spec import AudioSpec
from pipelines.errors import UserError


def require_valid(spec: AudioSpec) -> None:
    """Checks that frames can be inverted and that no mel band is empty.

    Args:
        spec: audio spec chosen by a user.

    Raises:
        UserError: if fields contradict each other; the message names the parameters.
    """
    if spec.n_fft % 2:
        raise UserError(f"n_fft {spec.n_fft} is odd: choose an even number, best a power of two")
    if spec.hop_length > spec.n_fft // 2:
        raise UserError(
            f"hop_length {spec.hop_length} is more than half of n_fft {spec.n_fft}, so that frames could "
            "not be inverted: choose a quarter of it"
        )
    if not 0 <= spec.fmin < spec.fmax <= spec.sample_rate / 2:
        raise UserError(
            f"fmin {spec.fmin:g} and fmax {spec.fmax:g} have to lie in this order between 0 and half of "
            f"sample_rate {spec.sample_rate}"
        )
    if empty := _empty_bands(spec):
        raise UserError(
            f"{empty} of the {spec.n_mels} mel bands would lie between the bins of an FFT of {spec.n_fft}: "
            "choose a smaller n_mels or a larger n_fft"
        )


def _empty_bands(spec: AudioSpec) -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # librosa warns of empty bands, which are counted here
        filters = librosa.filters.mel(
            sr=spec.sample_rate, n_fft=spec.n_fft, n_mels=spec.n_mels, fmin=spec.fmin, fmax=spec.fmax
        )
    return int((filters.max(axis=1) == 0).sum())

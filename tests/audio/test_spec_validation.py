"""Tests of the checks of audio specs: impossible ones are refused, the usual ones are accepted."""

import dataclasses

import pytest

from pipelines.audio.spec import AudioSpec
from pipelines.audio.spec_validation import require_valid
from pipelines.errors import UserError


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"n_mels": 128},
        {"n_fft": 4096, "n_mels": 512},
        {"sample_rate": 22050, "n_fft": 1024, "hop_length": 256, "n_mels": 80, "fmax": 11025.0},
    ],
)
def test_valid_specs(changes):
    require_valid(dataclasses.replace(AudioSpec(), **changes))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"n_fft": 2047}, "n_fft 2047 is odd"),
        ({"hop_length": 1025}, "hop_length 1025 is more than half of n_fft 2048"),
        ({"fmax": 22051.0}, "between 0 and half of sample_rate 44100"),
        ({"fmin": 5000.0, "fmax": 5000.0}, "fmin 5000 and fmax 5000"),
        ({"n_mels": 1024}, "of the 1024 mel bands would lie between the bins of an FFT of 2048"),
    ],
)
def test_invalid_specs(changes, message):
    with pytest.raises(UserError, match=message):
        require_valid(dataclasses.replace(AudioSpec(), **changes))

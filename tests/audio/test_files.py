import base64
import resource
from pathlib import Path

import librosa
import numpy as np
import pytest
import soundfile

from pipelines.audio import files
from pipelines.audio.song_files import find_songs
from pipelines.errors import UserError

# One black pixel.
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
)


def music(seconds: float = 2.5, rate: int = 44100, channels: int = 2) -> np.ndarray:
    """Tones that differ between the channels: float32 [samples, channels]."""
    time = np.arange(int(seconds * rate)) / rate
    waves = [
        0.2 * np.sin(2 * np.pi * 330 * (c + 1) * time) + 0.1 * np.sin(2 * np.pi * 1000 * time)
        for c in range(channels)
    ]
    return np.stack(waves, axis=1).astype(np.float32)


def written(path: Path, samples: np.ndarray, rate: int = 44100) -> Path:
    with files.AudioWriter(path, rate, samples.shape[1]) as song:
        song.write(samples)
    return path


def fails(match: str, path: Path) -> None:
    """Reading raises one sentence that names the file."""
    with pytest.raises(UserError, match=match) as caught:
        files.read(path, 44100)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("suffix", files.SUFFIXES)
@pytest.mark.parametrize("channels", [1, 2])
def test_write_and_read_round_trip(tmp_path, suffix, channels):
    samples = music(channels=channels)
    path = written(tmp_path / f"song{suffix}", samples)
    found = files.info(path)
    assert (found.sample_rate, found.channels) == (44100, channels)
    assert (found.codec, found.lossy) == {
        ".wav": ("WAV 16 bit", False),
        ".flac": ("FLAC 16 bit", False),
        ".mp3": ("MP3", True),
        ".ogg": ("Ogg Vorbis", True),
    }[suffix]
    back = files.read(path, 44100)
    assert back.dtype == np.float32
    assert back.shape == samples.shape
    error = np.sqrt(np.mean((back - samples)[1000:-1000] ** 2))
    assert error < (1e-4 if suffix in (".wav", ".flac") else 4e-3)


@pytest.mark.parametrize("suffix", files.SUFFIXES)
@pytest.mark.parametrize(("rate", "seconds"), [(44100, 0.1), (22050, 0.37), (48000, 5.0)])
def test_concatenated_blocks_equal_the_whole(tmp_path, suffix, rate, seconds):
    path = written(tmp_path / f"song{suffix}", music(4.0))
    blocks = list(files.blocks(path, rate, seconds))
    size = round(seconds * rate)
    assert {len(block) for block in blocks[:-1]} <= {size}
    assert 0 < len(blocks[-1]) <= size
    np.testing.assert_array_equal(np.concatenate(blocks), files.read(path, rate))


@pytest.mark.parametrize("rate", [8000, 22050, 96000])
def test_resampling(tmp_path, rate):
    path = tmp_path / "song.wav"
    soundfile.write(path, music(rate=rate), rate)
    back = files.read(path, 44100)
    assert len(back) == pytest.approx(2.5 * 44100, abs=2)
    peaks = np.abs(np.fft.rfft(back[: 2 * 44100, 1])).argsort()[-2:] / 2
    assert sorted(peaks) == [660, 1000]


def test_mono_is_the_mean(tmp_path):
    path = written(tmp_path / "song.wav", music())
    np.testing.assert_allclose(
        files.read(path, 44100, mono=True)[:, 0], files.read(path, 44100).mean(axis=1), rtol=0, atol=0
    )


def test_a_demo_song_equals_librosa():
    path = find_songs(Path(files.__file__).parents[2] / "tools" / "demo_songs").songs[0]
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    expected = librosa.resample(samples.mean(axis=1), orig_sr=rate, target_sr=22050, res_type="soxr_hq")
    np.testing.assert_allclose(files.read(path, 22050, mono=True)[:, 0], expected, atol=1e-3)


def test_surround_becomes_stereo(tmp_path):
    path = tmp_path / "surround.wav"
    soundfile.write(path, np.tile([[0.5, 0, 0, 1.0, 0, 0.5]], (1000, 1)), 44100, subtype="FLOAT")
    assert files.info(path).channels == 2
    # Front left and right surround; the centre is silent and the effects channel left out.
    root = 0.5**0.5
    expected = np.array([0.5, 0.5 * root]) / (1 + 2 * root)
    np.testing.assert_allclose(files.read(path, 44100), np.tile(expected, (1000, 1)), rtol=1e-5)


def test_errors_of_unreadable_files(tmp_path):
    fails("is not a file", tmp_path / "missing.wav")
    for name, content, match in (
        ("empty.mp3", b"", "empty"),
        ("text.wav", b"not music at all" * 99, "not a readable audio file"),
        ("list.mp3", b"#EXTM3U\n#EXTINF:9,\nsong.wav\n", "not a readable audio file"),
        ("picture.png", PICTURE, "not a readable audio file"),
    ):
        (tmp_path / name).write_bytes(content)
        fails(match, tmp_path / name)


def test_empty_and_non_finite_files(tmp_path):
    soundfile.write(tmp_path / "none.wav", np.zeros((0, 2)), 44100)
    fails("no sound that can be decoded", tmp_path / "none.wav")
    for value in (np.nan, np.inf):
        samples = np.zeros(1000, np.float32)
        samples[500] = value
        soundfile.write(tmp_path / "nan.wav", samples, 44100, subtype="FLOAT")
        fails("not numbers", tmp_path / "nan.wav")


def test_a_failed_run_leaves_the_old_file_and_no_other(tmp_path):
    path = written(tmp_path / "song.wav", music())
    before = path.read_bytes()
    with pytest.raises(KeyboardInterrupt), files.AudioWriter(path, 44100, 2) as song:  # noqa: PT012
        song.write(music())
        raise KeyboardInterrupt
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("suffix", files.SUFFIXES)
def test_a_full_disk(tmp_path, suffix):
    """A limit on the size of files is met in the same call as the end of a disk."""
    path = tmp_path / f"song{suffix}"
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, (200000, 2)).astype(np.float32)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20000, hard))
    try:
        with pytest.raises(UserError, match="disk full"):
            written(path, noise)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "rate", "match"),
    [
        ("song.m4a", 44100, "no known audio suffix"),
        ("nowhere/song.wav", 44100, "is not a folder"),
        ("song.mp3", 12345, "no MP3 of 2 channels at 12345 Hz"),
    ],
)
def test_errors_of_unwritable_files_are_raised_at_once(tmp_path, name, rate, match):
    with pytest.raises(UserError, match=match):
        files.AudioWriter(tmp_path / name, rate, 2)
    assert list(tmp_path.iterdir()) == []


def test_a_long_vorbis_block_does_not_crash(tmp_path):
    path = written(tmp_path / "long.ogg", np.zeros((44100 * 120, 2), np.float32))
    assert len(files.read(path, 44100)) == 44100 * 120

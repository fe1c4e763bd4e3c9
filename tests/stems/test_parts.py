import functools
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from pipelines.audio import files
from pipelines.audio.streams import Signal, Stream, array_blocks, block_size
from pipelines.errors import UserError
from pipelines.stems.alignment import Alignment
from pipelines.stems.correlation import Projection
from pipelines.stems.files import Role
from pipelines.stems.parts import SplitSong
from tests.stems.songs import RATE, accompaniment, delayed, resampled, si_sdr, voice, write

SECONDS = 12.0
"""A block and a part of one."""


def signal(samples: np.ndarray, name: str) -> Signal:
    return Signal(name, functools.partial(array_blocks, samples, block_size(RATE)))


def split(mix: np.ndarray, stem: np.ndarray, role: Role = Role.VOCALS) -> SplitSong:
    return SplitSong(signal(mix, "song.mp3"), signal(stem, "stem.wav"), role, RATE)


def parts(song: SplitSong) -> tuple[np.ndarray, np.ndarray]:
    """Voice and accompaniment, whole."""
    blocks = list(song.blocks())
    return tuple(np.concatenate([block[part] for block in blocks]) for part in (0, 1))


@pytest.fixture(scope="module")
def singer() -> np.ndarray:
    return voice(SECONDS)


@pytest.fixture(scope="module")
def mix(singer: np.ndarray) -> np.ndarray:
    return accompaniment(SECONDS) + singer


@pytest.mark.parametrize("samples", [0, 9001, -777])
@pytest.mark.parametrize("role", list(Role))
def test_the_parts_are_those_of_the_mix(mix: np.ndarray, singer: np.ndarray, samples: int, role: Role):
    truth = {Role.VOCALS: singer, Role.INSTRUMENTAL: mix - singer}
    song = split(mix, 0.5 * delayed(truth[role], samples), role)
    assert song.alignment.offset == samples
    assert song.alignment.projection.gains == pytest.approx([2.0], rel=0.02)
    found_voice, found_accompaniment = parts(song)
    np.testing.assert_allclose(found_voice + found_accompaniment, mix, atol=1e-6)
    inside = slice(9001, len(mix) - 9001)  # delayed, and cut off, stems lack an end
    assert si_sdr(found_voice[inside], singer[inside]) > 35
    assert si_sdr(found_accompaniment[inside], (mix - singer)[inside]) > 35


def test_a_report_without_negative_zeros():
    alignment = Alignment(0, 0.0, Projection(np.array([0.9999], np.float32), 0.5))
    assert str(alignment) == "stem shifted by +0.0000 s and +0.0 dB, 50.0% of the song"


def test_a_mono_stem_gets_the_gains_of_both_channels(mix: np.ndarray, singer: np.ndarray):
    song = split(mix, delayed(singer.mean(axis=1, keepdims=True), 50))
    assert song.alignment.offset == 50
    np.testing.assert_allclose(song.alignment.projection.gains, np.array([1.0, 0.8]) / 0.9, rtol=0.02)
    assert si_sdr(parts(song)[0], singer) > 35


def test_a_stereo_stem_of_a_mono_song(mix: np.ndarray, singer: np.ndarray):
    mono = mix.mean(axis=1, keepdims=True)
    song = split(mono, singer)
    assert [part.shape for part in parts(song)] == [mono.shape, mono.shape]
    assert si_sdr(parts(song)[0], singer.mean(axis=1, keepdims=True)) > 35


@pytest.mark.parametrize(("up", "down"), [(48000, 22050), (1, 2)])
def test_a_file_at_another_rate(mix: np.ndarray, singer: np.ndarray, tmp_path: Path, up: int, down: int):
    path = write(tmp_path / "stem.wav", resampled(singer, up, down), RATE * up // down)
    stem = Signal(str(path), functools.partial(files.blocks, path, RATE))
    song = SplitSong(signal(mix, "song.mp3"), stem, Role.VOCALS, RATE)
    assert song.alignment.offset == 0
    assert si_sdr(parts(song)[0], singer) > (35 if up > down else 15)  # at half the rate, it lacks its treble


@pytest.mark.parametrize("suffix", [".mp3", ".ogg", ".flac"])
def test_a_coded_stem_is_aligned_to_the_sample(
    mix: np.ndarray, singer: np.ndarray, tmp_path: Path, suffix: str
):
    path = write(tmp_path / f"stem{suffix}", delayed(singer, 3210))
    stem = Signal(str(path), functools.partial(files.blocks, path, RATE))
    song = SplitSong(signal(mix, "song.mp3"), stem, Role.VOCALS, RATE)
    assert song.alignment.offset == 3210
    assert song.alignment.projection.gains == pytest.approx([1.0], rel=0.02)


@pytest.mark.parametrize("longer", [0.9, -0.9])
def test_a_slightly_longer_or_shorter_stem(mix: np.ndarray, singer: np.ndarray, longer: float):
    stem = np.pad(singer, ((0, RATE), (0, 0)))[: len(singer) + round(longer * RATE)]
    found, _ = parts(split(mix, stem))
    assert found.shape == mix.shape
    assert si_sdr(found[: len(stem)], singer[: len(stem)]) > 35
    assert not found[len(stem) :].any()


@pytest.mark.parametrize(
    ("stem", "message"),
    [
        (np.zeros((9 * RATE, 2), np.float32), r"^stem.wav is silent \(below -70 LUFS\): export it again$"),
        (
            voice(SECONDS, seed=9),
            r"^stem.wav is no part of song.mp3 \(it explains 0\.\d\d% of it, a stem at ",
        ),
        (delayed(voice(SECONDS), round(1.5 * RATE)), "^stem.wav has everything 1.50 s later than song.mp3: "),
        (
            delayed(voice(SECONDS), round(-1.5 * RATE)),
            "^stem.wav has everything 1.50 s earlier than song.mp3",
        ),
        (voice(SECONDS)[: -2 * RATE], "^stem.wav is 2.00 s shorter than song.mp3: export it with the song's"),
        (np.pad(voice(SECONDS), ((0, 3 * RATE), (0, 0))), "^stem.wav is 3.00 s longer than song.mp3: "),
        (accompaniment(SECONDS) + voice(SECONDS), "^stem.wav leaves nothing of song.mp3 to translate: name "),
    ],
)
def test_a_stem_that_does_not_fit_is_one_sentence(mix: np.ndarray, stem: np.ndarray, message: str):
    with pytest.raises(UserError, match=message):
        split(mix, stem)


def test_an_instrumental_with_the_singer_is_one_sentence(mix: np.ndarray, tmp_path: Path):
    path = write(tmp_path / "stem.mp3", mix)  # what coding has changed is no voice
    stem = Signal(str(path), functools.partial(files.blocks, path, RATE))
    with pytest.raises(UserError, match=r"stem.mp3 leaves nothing of song.mp3 to keep: name the song "):
        SplitSong(signal(mix, "song.mp3"), stem, Role.INSTRUMENTAL, RATE)


def test_a_silent_song_has_no_stem(singer: np.ndarray):
    with pytest.raises(UserError, match=r"^song.mp3 is silent"):
        split(np.zeros_like(singer), singer)


def test_the_voice_gets_its_level_and_the_translation_the_accompaniment_s_loudness(
    mix: np.ndarray, singer: np.ndarray
):
    song = split(mix, singer)
    found, rest = parts(song)
    quiet = signal(0.1 * rest, "translation").stream  # a perfect translation, but for its loudness
    mixed = np.concatenate(list(song.mix(quiet, -6.0)()))
    np.testing.assert_allclose(mixed, rest + 10 ** (-6 / 20) * found, atol=1e-4)


def peak_memory(minutes: float) -> int:
    """Largest memory during the alignment and the division of a song of generated blocks, bytes."""
    rate, size = 8000, block_size(8000)

    def blocks(stem: bool) -> Iterator[np.ndarray]:
        for block in range(round(minutes * 60 * rate / size)):
            singer, rest = np.random.default_rng(block).normal(scale=0.1, size=(2, size, 2))
            yield (singer if stem else singer + rest).astype(np.float32)

    streams: list[Stream] = [functools.partial(blocks, stem) for stem in (False, True)]
    tracemalloc.start()
    try:
        song = SplitSong(Signal("song", streams[0]), Signal("stem", streams[1]), Role.VOCALS, rate)
        assert sum(len(voice) for voice, _ in song.blocks()) == song.song.samples
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_length():
    assert peak_memory(2.0) < 1.1 * peak_memory(0.5)

"""Covers of songs whose singer stays."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyloudnorm
import pytest
import soundfile

from pipelines.audio import files
from pipelines.errors import UserError
from pipelines.inference.translate import SongTranslator
from pipelines.inference.windows import Window
from pipelines.nn.dials import Dials
from pipelines.nn.translator import Translator
from pipelines.stems.files import Role, Stem
from tests.inference import tiny
from tests.stems.songs import RATE, accompaniment, delayed, si_sdr, voice, write

SECONDS = 3.0


@pytest.fixture(scope="module")
def song_translator(translator: Translator) -> SongTranslator:
    return SongTranslator(tiny.window_translator(translator))


class Identity(SongTranslator):
    """Translator into the sound that the song has, at half its level."""

    def translate_window(
        self, samples: np.ndarray, window: Window, song_samples: int, dials: Dials
    ) -> np.ndarray:
        hop, before = tiny.SPEC.hop_length, tiny.SPEC.n_fft // 2
        first, last = window.start * hop, min(window.stop * hop, song_samples)
        return 0.5 * samples[before + first - window.first * hop :][: last - first]


@pytest.fixture(scope="module")
def identity(translator: Translator) -> Identity:
    return Identity(tiny.window_translator(translator))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A song and its stems, the vocals late and quiet."""
    folder = tmp_path_factory.mktemp("song")
    singer, rest = voice(SECONDS), accompaniment(SECONDS)
    write(folder / "song.wav", 0.3 * (singer + rest))
    write(folder / "singer.wav", delayed(0.1 * singer, 700))
    write(folder / "rest.wav", 0.3 * rest)
    return folder


def read(path: Path) -> np.ndarray:
    return soundfile.read(path, dtype="float32", always_2d=True)[0]


def loudness(samples: np.ndarray) -> float:
    return pyloudnorm.Meter(RATE).integrated_loudness(samples)


def vocals(folder: Path) -> Stem:
    return Stem(folder / "singer.wav", Role.VOCALS)


@pytest.mark.parametrize(
    "stem", [Stem(Path("singer.wav"), Role.VOCALS), Stem(Path("rest.wav"), Role.INSTRUMENTAL)]
)
def test_an_identity_gives_the_source(identity: Identity, folder: Path, tmp_path: Path, stem: Stem):
    stem = Stem(folder / stem.path, stem.role)
    identity.translate_file(folder / "song.wav", tmp_path / "cover.wav", stem=stem)
    np.testing.assert_allclose(read(tmp_path / "cover.wav"), read(folder / "song.wav"), atol=3 / 32768)


def test_at_strength_0_it_is_the_source_whatever_its_peaks(
    song_translator: SongTranslator, folder: Path, tmp_path: Path
):
    song = np.clip(12 * read(folder / "song.wav"), -1, 1)
    write(tmp_path / "song.wav", song)
    song_translator.translate_file(
        tmp_path / "song.wav", tmp_path / "cover.wav", Dials(0.0), stem=vocals(folder)
    )
    np.testing.assert_allclose(read(tmp_path / "cover.wav"), song, atol=3 / 32768)


def test_a_raised_voice_is_limited_at_strength_0_too(
    song_translator: SongTranslator, folder: Path, tmp_path: Path
):
    write(tmp_path / "song.wav", 3 * read(folder / "song.wav"))
    song_translator.translate_file(
        tmp_path / "song.wav", tmp_path / "cover.wav", Dials(0.0), stem=vocals(folder), vocals_level=12.0
    )
    assert np.abs(read(tmp_path / "cover.wav")).max() <= 10 ** (-1 / 20)


def test_song_and_stem_are_decoded_once(
    song_translator: SongTranslator, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    decoded, blocks = [], files.blocks

    def counted(path: Path, *rest: Any, **more: Any) -> Iterator[np.ndarray]:
        decoded.append(path)
        return blocks(path, *rest, **more)

    monkeypatch.setattr(files, "blocks", counted)
    song_translator.translate_file(folder / "song.wav", tmp_path / "cover.wav", stem=vocals(folder))
    assert sorted(path.name for path in decoded) == ["singer.wav", "song.wav"]


def fitted(cover: np.ndarray, *parts: np.ndarray) -> np.ndarray:
    """Least-squares gains of parts in a cover."""
    return np.linalg.lstsq(np.stack([part.ravel() for part in parts], axis=1), cover.ravel(), rcond=None)[0]


@pytest.mark.parametrize(
    "stem", [Stem(Path("singer.wav"), Role.VOCALS), Stem(Path("rest.wav"), Role.INSTRUMENTAL)]
)
def test_the_voice_is_intact_and_the_rest_is_translated(
    song_translator: SongTranslator, folder: Path, tmp_path: Path, stem: Stem
):
    stem = Stem(folder / stem.path, stem.role)
    report = song_translator.translate_file(folder / "song.wav", tmp_path / "cover.wav", stem=stem)
    cover, song = read(tmp_path / "cover.wav"), read(folder / "song.wav")
    assert cover.shape == song.shape
    assert loudness(cover) == pytest.approx(loudness(song), abs=0.2)
    assert report.alignment
    assert report.alignment.offset == (700 if stem.role is Role.VOCALS else 0)
    assert "stem shifted by" in str(report)

    # The division of the same song, whose accompaniment is translated as a song of its own.
    gains = report.alignment.projection.gains
    part = read(stem.path)[report.alignment.offset :][: len(song)] * gains
    singer, rest = (part, song - part) if stem.role is Role.VOCALS else (song - part, part)
    song_translator.translate_file(write(tmp_path / "rest.wav", rest), tmp_path / "translation.wav")
    translation = read(tmp_path / "translation.wav")
    of_voice, of_rest = fitted(cover, singer, translation)
    assert of_voice == pytest.approx(of_rest, rel=1e-3)  # the balance is that of the song
    assert si_sdr(cover - of_rest * translation, singer) > 40
    assert si_sdr(cover - of_voice * singer, rest) < 25  # the rest is not the source's


def test_the_level_of_the_voice(song_translator: SongTranslator, folder: Path, tmp_path: Path):
    covers = {}
    for level in (0.0, 6.0):
        song_translator.translate_file(
            folder / "song.wav", tmp_path / "cover.wav", stem=vocals(folder), vocals_level=level
        )
        covers[level] = read(tmp_path / "cover.wav")
    singer = 0.3 * voice(SECONDS)
    even, raised = covers[0.0], covers[6.0]
    # raised = factor * (even + (10 ** (6 / 20) - 1) * singer)
    of_even, of_singer = fitted(raised, even, singer)
    assert of_singer / of_even == pytest.approx(10 ** (6 / 20) - 1, rel=0.03)
    assert loudness(raised) == pytest.approx(loudness(even), abs=0.2)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("words.mp3", "words.mp3 is not a readable audio file"),
        ("other.wav", "other.wav is no part of .*song.wav"),
        ("nothing.wav", "nothing.wav is not a file"),
    ],
)
def test_a_stem_that_cannot_be_used_leaves_no_cover(
    song_translator: SongTranslator, folder: Path, tmp_path: Path, name: str, message: str
):
    (tmp_path / "words.mp3").write_text("these are words")
    write(tmp_path / "other.wav", np.random.default_rng(0).normal(scale=0.1, size=(2 * RATE, 2)))
    with pytest.raises(UserError, match=message):
        song_translator.translate_file(
            folder / "song.wav", tmp_path / "cover.wav", stem=Stem(tmp_path / name, Role.VOCALS)
        )
    assert not (tmp_path / "cover.wav").exists()

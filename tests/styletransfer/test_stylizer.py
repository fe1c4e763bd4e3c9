import functools
from pathlib import Path

import numpy as np
import pyloudnorm
import pytest
import soundfile

from pipelines.audio import files
from pipelines.errors import UserError
from styletransfer import stylizer as song
from tests.styletransfer import tiny


def ignore(_):
    pass


def write(path: Path, samples: np.ndarray, sample_rate: int = tiny.SPEC.sample_rate) -> Path:
    with files.AudioWriter(path, sample_rate, samples.shape[1]) as writer:
        writer.write(samples)
    return path


def excerpt(seconds: float) -> np.ndarray:
    return tiny.clip(tiny.CONTENT, seconds)


def test_magnitudes_do_not_depend_on_how_a_song_is_cut(monkeypatch):
    whole = song.magnitudes(tiny.SPEC, excerpt(1.5))
    monkeypatch.setattr(song, "WINDOW_FRAMES", 37)
    np.testing.assert_allclose(song.magnitudes(tiny.SPEC, excerpt(1.5)), whole, atol=1e-5)
    assert whole.shape == (tiny.SPEC.frames(12000), tiny.SPEC.n_bins)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("samples", [8000, 8191, 12001])
def test_unchanged_magnitudes_give_the_song_back(channels, samples, monkeypatch):
    sound = excerpt(2.0)[:samples, :channels]
    magnitude = song.magnitudes(tiny.SPEC, sound)
    whole = song.inverted(tiny.SPEC, magnitude, sound, 2)
    assert whole.shape == sound.shape
    assert np.square(whole - sound).mean() < 0.02 * np.square(sound).mean()
    monkeypatch.setattr(song, "WINDOW_FRAMES", 50)
    np.testing.assert_allclose(song.inverted(tiny.SPEC, magnitude, sound, 2), whole, atol=1e-4)


def test_levels_are_those_of_the_mono_mix():
    sound = excerpt(2.0)
    meter = pyloudnorm.Meter(tiny.SPEC.sample_rate)
    mono = song.levelled(tiny.CONFIG, 0.1 * sound[:, :1])
    assert meter.integrated_loudness(mono) == pytest.approx(tiny.CONFIG.loudness, abs=0.1)
    both = song.levelled(tiny.CONFIG, np.repeat(sound[:, :1], 2, axis=1))
    np.testing.assert_allclose(both[:, :1], mono, atol=1e-4)


@pytest.mark.parametrize(
    ("method", "suffix", "channels", "sample_rate"),
    [("deepmix", ".wav", 1, 8000), ("merge", ".mp3", 2, 16000), ("musaic", ".ogg", 2, 8000)],
)
def test_a_file_keeps_its_length_channels_and_loudness(tmp_path, method, suffix, channels, sample_rate):
    sound = np.repeat(excerpt(1.3)[:, :channels], sample_rate // tiny.SPEC.sample_rate, axis=0)
    content = write(tmp_path / f"content{suffix}", sound, sample_rate)
    style = write(tmp_path / "style.flac", tiny.clip(tiny.STYLE, 1.5))
    config = tiny.config(method=method, alpha=0.01, iterations=3)
    stylizer = song.Stylizer(config, song.styles(config, style))
    report = stylizer.file(content, tmp_path / f"mix{suffix}")
    found, original = (files.read(tmp_path / f"{name}{suffix}", 8000) for name in ("mix", "content"))
    assert found.shape[1] == channels
    assert len(found) == pytest.approx(len(original), abs=0 if suffix != ".mp3" else 1200)
    meter = pyloudnorm.Meter(8000)
    loudness = [meter.integrated_loudness(sound) for sound in (found, original)]
    assert loudness[0] == pytest.approx(loudness[1] - report.missing, abs=0.3)
    assert str(report).startswith("1.3 s of music in ")
    assert not list(tmp_path.glob(".*"))


def test_ticks_add_up_over_windows():
    config = tiny.config(iterations=4)
    sound = song.levelled(config, excerpt(2.3))
    stylizer = song.Stylizer(config, [tiny.clip(tiny.STYLE, 1.0)])
    ticks: list[int] = []
    stylizer(sound, ticks.append)
    assert sum(ticks) == stylizer.steps(len(sound)) == 3 * 4


def test_the_stylised_song_sounds_more_like_the_style():
    """The long-term spectrum, whose distance to the style's shrinks."""
    config = tiny.config(method="merge", alpha=0.0)
    content, style = (song.levelled(config, tiny.clip(path, 2.0)) for path in (tiny.CONTENT, tiny.STYLE))
    mix = song.levelled(config, song.Stylizer(config, [style])(content, ignore))

    def spectrum(sound):
        return np.log1p(song.magnitudes(config.spec, sound)).mean(axis=0)

    distance = [np.abs(spectrum(sound) - spectrum(style)).mean() for sound in (mix, content)]
    assert distance[0] < 0.8 * distance[1]


def test_a_folder_gives_equal_shares_of_its_songs(tmp_path):
    for index in range(3):
        write(tmp_path / f"{index}.wav", tiny.clip(tiny.STYLE, 8.0))
    shares = song.styles(tiny.config(style_seconds=18.0), tmp_path)
    assert [len(share) for share in shares] == [48000] * 3
    assert len(song.styles(tiny.config(style_seconds=11.0), tmp_path)) == 2
    # 300 s of 51 songs: their quotient is a little more than a 51st part.
    short = [functools.partial(tiny.clip, tiny.STYLE, 1.0)] * 51
    assert len(song.excerpts(tiny.config(style_seconds=300.0), short)) == 51
    middle = song.styles(tiny.config(style_seconds=4.0), tmp_path)
    assert [len(share) for share in middle] == [40000]
    whole = song.levelled(tiny.CONFIG, files.read(tmp_path / "1.wav", 8000))
    np.testing.assert_allclose(middle[0], whole[12000:52000], atol=1e-6)


@pytest.mark.parametrize(
    ("sound", "message"),
    [(np.zeros((8000, 2), np.float32), "is silent"), (np.ones((900, 1), np.float32) * 0.1, "is too short")],
)
def test_what_cannot_be_used_is_one_sentence(tmp_path, sound, message):
    path = write(tmp_path / "odd.wav", sound)
    with pytest.raises(UserError, match=message):
        song.styles(tiny.CONFIG, path)
    stylizer = song.Stylizer(tiny.CONFIG, [tiny.clip(tiny.STYLE, 1.0)])
    with pytest.raises(UserError, match=message):
        stylizer.file(path, tmp_path / "mix.wav")
    assert not (tmp_path / "mix.wav").exists()


def test_a_failure_leaves_no_half_file(tmp_path, monkeypatch):
    content = write(tmp_path / "content.wav", excerpt(1.0))
    stylizer = song.Stylizer(tiny.CONFIG, [tiny.clip(tiny.STYLE, 1.0)])
    monkeypatch.setattr(song, "inverted", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        stylizer.file(content, tmp_path / "mix.wav")
    assert [path.name for path in tmp_path.iterdir()] == ["content.wav"]
    assert soundfile.info(content).frames == 8000

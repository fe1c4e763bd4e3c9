"""The public API, on small models and short synthesised songs."""

import subprocess
import sys

import numpy as np
import pytest
import soundfile

import coverband
from pipelines.audio.spec import AudioSpec
from pipelines.stems.files import Role, Stem
from tests.inference import tiny
from tests.stems import fake_separator, separable
from tests.stems import songs as stem_songs
from tests.transcriber.content_decoder import tiny as tiny_transcriber
from transcriber import checkpoint

RATE = tiny.SPEC.sample_rate


def test_every_public_name_is_there():
    for name in coverband.__all__:
        assert getattr(coverband, name) is not None
        assert name in dir(coverband)
    assert coverband.__version__[0].isdigit()
    with pytest.raises(AttributeError, match="has no attribute 'cover'"):
        coverband.cover  # noqa: B018


def test_the_import_loads_nothing_heavy():
    code = (
        "import sys, coverband\n"
        "assert coverband.__version__\n"
        "sys.exit(any(name in sys.modules for name in ('tensorflow', 'keras', 'librosa', 'numpy')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A run, a run with a style encoder, and a song."""
    folder = tmp_path_factory.mktemp("api")
    tiny.trained(folder / "run" / "translator")
    tiny.trained_styled(folder / "styled" / "translator")
    soundfile.write(folder / "song.wav", tiny.song(0.8), RATE, subtype="FLOAT")
    return folder


@pytest.fixture(scope="module")
def model(folder):
    return coverband.load(folder / "run")


def test_a_file_is_translated_and_written(model, folder, tmp_path):
    cover = model.translate(str(folder / "song.wav"), out=tmp_path / "cover.wav")
    assert cover.shape == tiny.song(0.8).shape
    assert cover.dtype == np.float32
    written, rate = soundfile.read(tmp_path / "cover.wav", dtype="float32")
    assert rate == model.sample_rate == RATE
    np.testing.assert_allclose(written, cover, atol=1e-4)


def test_a_waveform_gives_the_cover_that_its_file_gives(model, folder):
    of_file = model.translate(folder / "song.wav")
    np.testing.assert_allclose(model.translate(tiny.song(0.8), RATE), of_file, atol=1e-5)
    assert np.abs(of_file - tiny.song(0.8)).max() > 0.01


def test_the_command_gives_the_same_cover(model, folder, tmp_path):
    model.song_translator.translate_file(folder / "song.wav", tmp_path / "cover.wav")
    written = soundfile.read(tmp_path / "cover.wav", dtype="float32")[0]
    np.testing.assert_allclose(written, model.translate(folder / "song.wav"), atol=2e-4)


def test_the_singer_stays(model, tmp_path):
    singer, rest = stem_songs.voice(2.0), stem_songs.accompaniment(2.0)
    mix = singer + rest
    stem_songs.write(tmp_path / "mix.wav", mix)
    stem = stem_songs.write(tmp_path / "singer.wav", stem_songs.delayed(singer, 300))
    model.song_translator.translate_file(
        tmp_path / "mix.wav", tmp_path / "cover.wav", stem=Stem(stem, Role.VOCALS), vocals_level=3.0
    )
    written = soundfile.read(tmp_path / "cover.wav", dtype="float32")[0]
    cover = model.translate(tmp_path / "mix.wav", vocals=stem, vocals_level=3.0)
    np.testing.assert_allclose(cover, written, atol=2e-4)
    of_waveforms = model.translate(mix, RATE, vocals=soundfile.read(stem)[0], vocals_level=3.0)
    np.testing.assert_allclose(of_waveforms, cover, atol=1e-4)
    same = model.translate(mix, RATE, instrumental=rest, strength=0.0)
    np.testing.assert_allclose(same, mix, atol=1e-4)
    with pytest.raises(coverband.UserError, match=r"^vocals= is no part of the song "):
        model.translate(mix, RATE, vocals=np.random.default_rng(0).normal(size=(2 * RATE, 1)))


def test_the_singer_of_a_separator_stays(model, tmp_path, monkeypatch):
    song = separable.write_song(tmp_path, "song")
    stem = fake_separator.truth(song) / "vocals.wav"
    expected = model.translate(song, vocals=stem)
    monkeypatch.setenv("COVERBAND_SEPARATOR", separable.command("spleeter"))
    np.testing.assert_array_equal(model.translate(song, vocals="auto"), expected)
    of_function = model.translate(song, vocals="auto", separator=fake_separator.separate)
    np.testing.assert_array_equal(of_function, expected)
    with pytest.raises(coverband.UserError, match=r"^the song cannot be separated: python failed with exit"):
        model.translate(soundfile.read(song)[0], RATE, vocals="auto", separator="python --x {song} {output}")


def test_a_band_without_its_singer(tmp_path):
    for name in ("a", "b"):
        separable.write_song(tmp_path / "band", name, seconds=3.0, seed=ord(name))
        separable.write_song(tmp_path / "content", name, seconds=3.0, seed=ord(name) + 2)
    data = coverband.prepare(
        content=tmp_path / "content/songs",
        band=tmp_path / "band/songs",
        out=tmp_path / "data",
        spec=tiny.SPEC,
        jobs=1,
        instrumental_of_band="auto",
        separator=fake_separator.separate,
    )
    assert [song.name for song in data.manifest.domains["band"].songs] == ["a.wav", "b.wav"]
    assert separable.runs(tmp_path / "band") == ["a.wav", "b.wav"]


@pytest.mark.parametrize("rate", [16000, 48000])
@pytest.mark.parametrize("channels", [1, 2])
def test_a_waveform_keeps_its_shape_and_its_sample_rate(model, rate, channels):
    song = tiny.song(0.7, channels, rate)[: rate // 2 + 7]
    assert model.translate(song, rate).shape == song.shape
    same = model.translate(song, rate, strength=0.0)
    assert np.corrcoef(same[:, 0], song[:, 0])[0, 1] > 0.99


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((np.zeros(100),), {"sample_rate": RATE}, "samples, 1 or 2 channels"),
        ((np.zeros((2, 100)),), {"sample_rate": RATE}, r"not \[2, 100\]"),
        ((np.zeros((100, 2)),), {}, "needs its sample rate"),
        ((np.zeros((100, 2)), RATE), {"strength": 1.5}, "strength 1.5"),
        ((np.zeros((100, 2)), RATE), {"closeness": -0.1}, "closeness -0.1"),
        ((np.zeros((100, 2)), RATE), {"vocals": "a.wav", "instrumental": "b.wav"}, "exclude each other"),
        ((np.zeros((100, 2)), RATE), {"vocals_level": 1.0}, "vocals_level needs"),
        ((np.zeros((100, 2)), RATE), {"vocals": "a.wav", "vocals_level": float("nan")}, "is not finite"),
        ((np.zeros((100, 2)), RATE), {"vocals": "a.wav", "separator": "demucs"}, "separator needs"),
        ((np.zeros((100, 2)), RATE), {"instrumental": "auto"}, "use vocals="),
        ((np.zeros((100, 2)), RATE), {"vocals": np.zeros(100)}, "samples, 1 or 2 channels"),
    ],
)
def test_arguments_that_make_no_sense_are_value_errors(model, arguments, options, message):
    with pytest.raises(ValueError, match=message):
        model.translate(*arguments, **options)


def test_files_that_cannot_be_used_are_user_errors(model, folder, tmp_path):
    with pytest.raises(coverband.UserError, match="is not a file"):
        model.translate(tmp_path / "song.wav")
    with pytest.raises(coverband.UserError, match="no known audio suffix"):
        model.translate(folder / "song.wav", out=tmp_path / "cover.xyz")
    with pytest.raises(coverband.UserError, match="not a folder"):
        coverband.load(tmp_path / "nowhere")


@pytest.mark.slow
def test_the_style_of_other_recordings(folder):
    own, other = (
        coverband.load(folder / "styled"),
        coverband.load(folder / "styled", style=folder / "song.wav"),
    )
    song = folder / "song.wav"
    assert np.abs(own.translate(song) - other.translate(song)).max() > 1e-3


def test_a_song_is_transcribed(folder, tmp_path):
    checkpoint.save(tmp_path / "transcriber.npz", tiny_transcriber.transcriber(), {})
    notes, drums = coverband.transcribe(folder / "song.wav", transcriber=tmp_path / "transcriber.npz")
    assert len(notes.start) == len(notes.end) == len(notes.pitch)
    assert (notes.end > notes.start).all()
    assert len(drums.time) == len(drums.drum)
    again = coverband.transcribe(tiny.song(0.8), RATE, transcriber=tmp_path / "transcriber.npz")
    np.testing.assert_array_equal(again.notes.start, notes.start)
    np.testing.assert_array_equal(again.drums.drum, drums.drum)


def test_the_shipped_transcriber_finds_a_tone():
    time = np.arange(2 * 44100) / 44100
    tone = sum(np.sin(2 * np.pi * 440 * n * time) / n for n in range(1, 8)) * np.exp(-time)
    notes, _ = coverband.transcribe(0.2 * tone[:, None].astype(np.float32), 44100)
    assert 69 in notes.pitch
    assert notes.start[notes.pitch == 69][0] < 0.2


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Two folders of three short songs each."""
    folder = tmp_path_factory.mktemp("folders")
    for seed, domain in enumerate(("content", "band")):
        (folder / domain).mkdir()
        for name in ("a", "b", "c"):
            noise = np.random.default_rng([seed, ord(name)]).normal(scale=0.1, size=3 * 16000)
            soundfile.write(folder / domain / f"{name}.wav", noise.clip(-1, 1), 16000)
    return folder


def test_prepare_gives_the_opened_data_folder(folders, tmp_path):
    spec = AudioSpec(sample_rate=16000, n_fft=512, hop_length=128, n_mels=40, fmax=8000.0)
    data = coverband.prepare(
        content=folders / "content", band=str(folders / "band"), out=tmp_path / "data", spec=spec, jobs=1
    )
    assert data.spec == spec
    assert [song for split in ("train", "valid", "test") for song in data.songs("band", split)]
    with pytest.raises(coverband.UserError):
        coverband.prepare(content=folders / "nowhere", band=folders / "band", out=tmp_path / "other")


def test_survey_gives_a_report_on_both_folders(folders, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    report = coverband.survey(content=folders / "content", band=folders / "band", jobs=1)
    assert [song.label for song in report.songs] == [
        f"{domain}/{name}.wav" for domain in ("content", "band") for name in ("a", "b", "c")
    ]

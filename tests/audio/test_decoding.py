"""Files of the kinds that people have: the right length of each, and one sentence for what is missing."""

import errno
import io
import subprocess
import sys

import av
import numpy as np
import pytest
import soundfile

from pipelines.audio import files
from pipelines.audio.decoding import AudioFile, NotAudioError
from pipelines.errors import UserError
from tests import odd_audio
from tests.odd_audio import RATE

# Codings that do not say where an encoder's padding begins.
PADDED = (".aac", ".wma", ".ac3")


def decoded(path):
    """Samples at the file's own rate, and its damage."""
    with AudioFile(path) as file:
        samples = np.concatenate(list(file.chunks()))
        assert samples.dtype == np.float32
        return samples, file.damage


def likeness(found, expected):
    """Correlation at the delay of a padded coding that fits best."""
    size = min(len(found), len(expected))
    spectra = [np.fft.rfft(each[:size, 0], 2 * size) for each in (found, expected)]
    return np.fft.irfft(spectra[0] * spectra[1].conj()).max() / np.sqrt(
        np.square(found[:size, 0]).sum() * np.square(expected[:size, 0]).sum()
    )


@pytest.mark.parametrize("suffix", odd_audio.CODINGS)
def test_codecs(tmp_path, suffix):
    samples = odd_audio.music()
    found, damage = decoded(odd_audio.write(tmp_path / f"song{suffix}", samples))
    assert not damage
    rate = 48000 if suffix in (".opus", ".webm") else RATE
    assert len(found) / rate == pytest.approx(4.0, abs=0.06 if suffix in PADDED else 1e-3)
    back = files.read(tmp_path / f"song{suffix}", RATE)
    if suffix in PADDED:
        assert likeness(back, samples) > 0.99
    else:
        size = min(len(back), len(samples))
        assert np.corrcoef(back[2000 : size - 2000, 0], samples[2000 : size - 2000, 0])[0, 1] > 0.99


def test_the_format_is_found_by_content(tmp_path):
    odd_audio.write(tmp_path / "phone.m4a", odd_audio.music())
    expected, _ = decoded(tmp_path / "phone.m4a")
    for name in ("phone.mp3", "phone.wav", "phone", "http:phone.ogg", "Live: at home.flac"):
        (tmp_path / name).write_bytes((tmp_path / "phone.m4a").read_bytes())
        np.testing.assert_array_equal(decoded(tmp_path / name)[0], expected)


@pytest.mark.parametrize("variable", [False, True])
def test_mp3_without_a_xing_frame(tmp_path, variable):
    """Silence makes the first frames small or large: nothing of the length may be guessed from them."""
    samples = odd_audio.music(8.0)
    samples[len(samples) // 2 :] *= 1e-3
    options = {"write_xing": "0"}
    path = odd_audio.write(tmp_path / "song.mp3", samples, **options)
    if variable:
        quiet = odd_audio.write(tmp_path / "quiet.mp3", 1e-4 * samples, **options).read_bytes()
        path.write_bytes(path.read_bytes() + quiet)
    found, damage = decoded(path)
    assert not damage
    assert len(found) / RATE == pytest.approx(16.0 if variable else 8.0, abs=0.15)


@pytest.mark.parametrize("size", [70_000, 3_000_000])
def test_an_id3_picture(tmp_path, size):
    path = odd_audio.write(tmp_path / "song.mp3", odd_audio.music())
    expected, _ = decoded(path)
    path.write_bytes(odd_audio.picture_tag(size) + path.read_bytes())
    found, damage = decoded(path)
    assert not damage
    np.testing.assert_array_equal(found, expected)


def test_only_a_xing_frame_states_the_length_of_an_mp3_file(tmp_path):
    """Not the word in a tag, with which FFmpeg's guess by the bit rate would count."""
    path = odd_audio.write(tmp_path / "song.mp3", odd_audio.music(8.0), write_xing="0", id3v2_version="0")
    quiet = odd_audio.write(tmp_path / "quiet.mp3", odd_audio.music(8.0), write_xing="0", id3v2_version="0")
    path.write_bytes(odd_audio.title_tag("Info") + quiet.read_bytes() + 2 * path.read_bytes())
    with AudioFile(path) as file:
        assert file._declared.seconds is None
    whole = odd_audio.write(tmp_path / "whole.mp3", odd_audio.music(8.0))
    whole.write_bytes(odd_audio.picture_tag(3_000_000) + whole.read_bytes())
    with AudioFile(whole) as file:
        assert file._declared.seconds == pytest.approx(8.0, abs=0.1)


def test_flac_without_a_length(tmp_path):
    path = tmp_path / "song.flac"
    path.write_bytes(odd_audio.flac_without_length(odd_audio.music()))
    found, damage = decoded(path)
    assert not damage
    np.testing.assert_allclose(found, odd_audio.music(), atol=1e-4)


@pytest.mark.parametrize("sizes", [(0, 0), (0xFFFFFFFF, 0xFFFFFFFF), (None, None)])
def test_wav_with_wrong_sizes(tmp_path, sizes):
    content = odd_audio.wav(odd_audio.music(1.1))
    riff, data = sizes[0], sizes[1]
    if riff is None:  # a common mistake: the size of the whole file
        riff, data = len(content), len(content) - 44
    path = tmp_path / "song.wav"
    path.write_bytes(odd_audio.with_sizes(content, riff, data))
    found, damage = decoded(path)
    assert not damage
    np.testing.assert_allclose(found, odd_audio.music(1.1), atol=1e-4)


@pytest.mark.parametrize(
    ("suffix", "sentence"),
    [
        (".wav", "is damaged or cut off: 3.0 s of 4.0 s are missing, the rest is used"),
        (".flac", "s of 4.0 s are missing, the rest is used"),
        (".mp3", "s of 4.0 s are missing, the rest is used"),
        (".mka", "s of 4.0 s are missing, the rest is used"),
    ],
)
def test_truncated_files(tmp_path, capsys, suffix, sentence):
    samples, path = odd_audio.music(), tmp_path / f"song{suffix}"
    if suffix in (".wav", ".flac"):
        soundfile.write(path, samples, RATE)
    else:
        odd_audio.write(path, samples)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 4])
    found = files.read(path, RATE)
    assert len(found) / RATE == pytest.approx(1.0, abs=0.25)
    assert np.corrcoef(found[2000:-5000, 0], samples[2000 : len(found) - 5000, 0])[0, 1] > 0.99
    printed = capsys.readouterr().err
    assert f"{path} is damaged or cut off" in printed
    assert sentence in printed
    assert printed.count("\n") == 1
    files.read(path, RATE)
    assert capsys.readouterr().err == ""  # once is enough


def test_truncated_mp3_without_a_declared_length(tmp_path):
    path = odd_audio.write(tmp_path / "song.mp3", odd_audio.music(), write_xing="0")
    path.write_bytes(path.read_bytes()[:-100])
    found, damage = decoded(path)
    assert len(found) / RATE == pytest.approx(4.0, abs=0.1)
    assert "does not say how long it was: the 4.0 s that are there are used" in str(damage)


@pytest.mark.parametrize("suffix", [".mp3", ".flac", ".opus", ".m4a"])
def test_decoding_continues_after_damage(tmp_path, suffix):
    path = tmp_path / f"song{suffix}"
    if suffix == ".flac":
        soundfile.write(path, odd_audio.music(), RATE)
    else:
        odd_audio.write(path, odd_audio.music())
    content, middle = bytearray(path.read_bytes()), path.stat().st_size // 2
    content[middle : middle + 3000] = np.random.default_rng(0).bytes(3000)
    path.write_bytes(content)
    found, _ = decoded(path)
    rate = 48000 if suffix == ".opus" else RATE
    assert 2.9 * rate < len(found) < 4.1 * rate


def test_error_of_an_mp4_file_without_its_end(tmp_path):
    path = odd_audio.write(tmp_path / "song.m4a", odd_audio.music())
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(UserError, match=r"song\.m4a is cut off: its end"):
        files.read(path, RATE)


def test_films_with_and_without_sound(tmp_path):
    for name, with_sound in (("clip.mkv", True), ("silent.mkv", False)):
        with av.open(str(tmp_path / name), "w") as film:
            picture = film.add_stream("mpeg4", rate=10)
            picture.width = picture.height = 32
            sound = film.add_stream("flac", rate=RATE, layout="stereo") if with_sound else None
            for number in range(10):
                frame = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), "rgb24")
                frame.pts = number
                film.mux(picture.encode(frame))
            if sound:
                pcm = np.ascontiguousarray((odd_audio.music(1.0) * 32767).astype(np.int16).reshape(1, -1))
                for start in range(0, RATE, 4096):
                    piece = av.AudioFrame.from_ndarray(
                        pcm[:, 2 * start : 2 * (start + 4096)], "s16", "stereo"
                    )
                    piece.sample_rate, piece.pts = RATE, start
                    film.mux(sound.encode(piece))
                film.mux(sound.encode(None))
            film.mux(picture.encode(None))
    found, _ = decoded(tmp_path / "clip.mkv")
    np.testing.assert_allclose(found, odd_audio.music(1.0), atol=1e-4)
    with pytest.raises(UserError, match="holds no sound"):
        files.info(tmp_path / "silent.mkv")


def test_chained_streams(tmp_path):
    """A radio's recording: one Ogg stream after the other."""
    streams = []
    for rate in (RATE, RATE, 22050):
        file = io.BytesIO()
        soundfile.write(file, odd_audio.music(1.0, rate), rate, format="OGG", subtype="VORBIS")
        streams.append(file.getvalue())
    path = tmp_path / "radio.ogg"
    path.write_bytes(streams[0] + streams[1])
    found, damage = decoded(path)
    assert len(found) / RATE == pytest.approx(2.0, abs=0.02)
    assert not damage
    path.write_bytes(streams[0] + streams[2])
    found, damage = decoded(path)  # FFmpeg ends where the rate changes
    assert len(found) / RATE == pytest.approx(1.0, abs=0.02)
    assert "does not say how long it was" in str(damage)


def test_values_beyond_full_scale_are_kept(tmp_path):
    loud = 3 * odd_audio.music(1.0)
    soundfile.write(tmp_path / "loud.wav", loud, RATE, subtype="FLOAT")
    np.testing.assert_array_equal(files.read(tmp_path / "loud.wav", RATE), loud)


def test_tags_that_are_not_utf8(tmp_path):
    path = odd_audio.write(tmp_path / "song.mp3", odd_audio.music(1.0), id3v2_version="0")
    path.write_bytes(path.read_bytes() + b"TAG" + b"Bj\xf6rk".ljust(125, b"\0"))
    assert len(decoded(path)[0]) == RATE


def test_named_surround_layouts(tmp_path):
    """5.1 in the order of FFmpeg's AAC: the centre alone comes out on both sides alike."""
    path, centre = tmp_path / "surround.mka", np.zeros((RATE, 6), np.float32)
    centre[:, 2] = odd_audio.music(1.0)[:, 0]
    with av.open(str(path), "w") as file:
        stream = file.add_stream("pcm_f32le", rate=RATE, layout="5.1")
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(centre.reshape(1, -1)), "flt", "5.1")
        frame.sample_rate, frame.pts = RATE, 0
        file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    found, _ = decoded(path)
    root = 0.5**0.5
    np.testing.assert_allclose(found, np.tile(centre[:, 2:3], 2) * root / (1 + 2 * root), atol=1e-6)


def test_libraries_print_nothing(tmp_path):
    path = odd_audio.write(tmp_path / "song.mp3", odd_audio.music(1.0))
    content = bytearray(path.read_bytes())
    content[4000:8000] = np.random.default_rng(0).bytes(4000)
    path.write_bytes(content)
    code = (
        f"from pipelines.audio import files; files.read({str(path)!r}, 44100, on_damage=lambda damage: None)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


@pytest.mark.parametrize(("name", "codec"), [("a.m4a", "aac"), ("a.wv", "wavpack"), ("a.flac", "flac")])
def test_eight_channels_are_mixed(tmp_path, name, codec):
    samples = np.zeros((2 * 48000, 8), np.float32)
    samples[:, 0] = odd_audio.music(2.0, 48000)[:, 0]  # front left
    with av.open(tmp_path / name, "w") as file:
        stream = file.add_stream(codec, rate=48000, layout="7.1")
        resampler = av.AudioResampler(stream.codec_context.format, "7.1", 48000)
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), "flt", "7.1")
        frame.sample_rate = 48000
        for each in (*resampler.resample(frame), *resampler.resample(None)):
            file.mux(stream.encode(each))
        file.mux(stream.encode(None))
    found, damage = decoded(tmp_path / name)
    assert not damage
    assert np.abs(found[:, 1]).max() < 0.01
    assert likeness(found[:, :1], samples[:, :1]) > 0.99


@pytest.mark.parametrize("suffix", [".flac", ".aac", ".mp3"])
def test_audio_behind_a_large_picture(tmp_path, suffix):
    plain = odd_audio.write(tmp_path / f"plain{suffix}", odd_audio.music())
    expected, _ = decoded(plain)
    song = tmp_path / f"song{suffix}"
    song.write_bytes(odd_audio.picture_tag(1_500_000) + plain.read_bytes())
    found, damage = decoded(song)
    assert not damage
    np.testing.assert_array_equal(found, expected)


def test_a_picture_longer_than_the_audio_is_no_damage(tmp_path):
    path = tmp_path / "video.mkv"
    with av.open(path, "w") as file:
        sound, picture = file.add_stream("flac", rate=RATE, layout="mono"), file.add_stream("mpeg4", rate=5)
        picture.width = picture.height = 32
        for _ in range(20):
            file.mux(picture.encode(av.VideoFrame(32, 32, "yuv420p")))
        frame = av.AudioFrame.from_ndarray(np.zeros((1, RATE), np.int16), "s16", "mono")
        frame.sample_rate, frame.pts = RATE, 0
        file.mux(sound.encode(frame))
        file.mux([*picture.encode(None), *sound.encode(None)])
    samples, damage = decoded(path)
    assert len(samples) == RATE
    assert not damage


def test_vorbis_with_repeated_headers_is_whole(tmp_path, capfd):
    """FFmpeg refuses it; players and libsndfile do not."""
    path, plain = tmp_path / "a.ogg", tmp_path / "plain.ogg"
    path.write_bytes(odd_audio.ogg_with_repeated_headers(odd_audio.music()))
    soundfile.write(plain, odd_audio.music(), RATE, format="OGG", subtype="VORBIS")
    with pytest.raises(NotAudioError):
        AudioFile(path)
    damage = []
    samples = files.read(path, RATE, on_damage=damage.append)
    np.testing.assert_allclose(samples, files.read(plain, RATE), atol=1e-4)
    assert np.array_equal(np.concatenate(list(files.blocks(path, RATE, 0.7))), samples)
    assert files.info(path) == files.info(plain)
    assert not damage
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("content", [b"OggS", b"OggS" + bytes(100), b"no sound"])
def test_error_of_what_neither_library_opens(tmp_path, content):
    (tmp_path / "a.ogg").write_bytes(content)
    with pytest.raises(UserError, match=r"a\.ogg is not a readable audio file"):
        files.info(tmp_path / "a.ogg")


def test_error_of_a_protected_file(tmp_path, monkeypatch):
    def refused(*_):
        raise PermissionError(errno.EACCES, "Permission denied")

    path = odd_audio.write(tmp_path / "a.mp3", odd_audio.music())
    monkeypatch.setattr(type(path), "open", refused)
    with pytest.raises(
        UserError, match=r"a\.mp3 cannot be read \(Permission denied\): change who may read it"
    ):
        AudioFile(path)


def test_error_of_a_song_shorter_than_a_sample(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.zeros(1), 192_000)
    with pytest.raises(UserError, match=r"a\.wav is too short: less than a sample at 44100 Hz"):
        files.read(tmp_path / "a.wav", RATE)


def test_padding_of_low_rates_is_no_damage(tmp_path):
    for samples in range(8000, 8576, 64):  # one MP3 frame of 8 kHz
        soundfile.write(tmp_path / "a.mp3", odd_audio.music(2.0, 8000)[:samples], 8000)
        found, damage = decoded(tmp_path / "a.mp3")
        assert len(found) == samples
        assert not damage

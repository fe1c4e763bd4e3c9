import io

import av
import numpy as np
import pytest

from pipelines.audio import files, libsndfile
from pipelines.audio.decoding import AudioFile
from tests import odd_audio
from tests.odd_audio import RATE


def bursts(rate, channels, seconds=2.5):
    """Noise that comes and goes, coded in the bits that quiet frames leave: float32 [channels, samples]."""
    time = np.arange(round(seconds * rate)) / rate
    noise = np.random.default_rng(rate).standard_normal((channels, len(time))) * (np.sin(4.4 * time) > 0)
    return (0.1 * noise + 0.3 * np.sin(2 * np.pi * 440 * time)).astype(np.float32)


def encoded(rate, layout, options):
    """An MP3 file, at any rate and with LAME's own options."""
    content = io.BytesIO()
    with av.open(content, "w", format="mp3") as file:
        stream = file.add_stream("libmp3lame", rate=rate, layout=layout, options=options)
        samples = bursts(rate, stream.layout.nb_channels)
        frame = av.AudioFrame.from_ndarray(samples, "fltp", layout)
        frame.sample_rate = rate
        file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return content.getvalue(), samples.shape[1]


def decoded(file):
    with file:
        return np.concatenate(list(file.chunks())), file.damage


@pytest.mark.parametrize("layout", ["mono", "stereo"])
@pytest.mark.parametrize(
    ("rate", "options"),
    [
        (11025, {"b": "32000"}),
        (22050, {}),
        (44100, {"b": "32000"}),
        (44100, {"b": "320000"}),
        (44100, {"b": "128000", "abr": "1"}),
        (48000, {"global_quality": "236", "flags": "+qscale"}),
    ],
)
def test_a_whole_mp3_file_is_decoded_as_by_ffmpeg(tmp_path, capfd, rate, layout, options):
    path = tmp_path / "song.mp3"
    content, samples = encoded(rate, layout, options)
    path.write_bytes(content)
    file = libsndfile.open_whole_mp3(path)
    assert (file.sample_rate, file.codec, file.lossy) == (rate, "MP3", True)
    found, damage = decoded(file)
    expected, _ = decoded(AudioFile(path))
    assert len(found) == samples
    np.testing.assert_allclose(found, expected, atol=2e-5)
    assert not damage
    assert capfd.readouterr().err == ""


def test_tags_of_a_whole_mp3_file_are_not_read(tmp_path, capfd):
    content = odd_audio.write(tmp_path / "song.mp3", odd_audio.music(), id3v2_version="0").read_bytes()
    tagged = tmp_path / "tagged.mp3"
    broken = odd_audio.tag(b"COMM", b"\0eng")  # libmpg123 complains about this one
    for tail in (b"", b"TAG" + bytes(125), b"APETAGEX" + bytes(60)):
        tagged.write_bytes(broken + odd_audio.picture_tag(70_000) + content + tail)
        found, damage = decoded(libsndfile.open_whole_mp3(tagged))
        assert found.shape == (4 * RATE, 2)
        assert not damage
    assert capfd.readouterr().err == ""


def test_mp3_files_that_are_not_whole_are_left_to_ffmpeg(tmp_path, capfd):
    content = odd_audio.write(tmp_path / "song.mp3", odd_audio.music()).read_bytes()
    damaged = tmp_path / "damaged.mp3"
    flipped = bytearray(content)
    flipped[20_000] ^= 4
    miscounted = bytearray(content)
    miscounted[content.index(b"Info") + 11] ^= 4  # the number of frames
    for changed in (
        bytes(flipped),
        bytes(miscounted),
        content[:-300],
        content + content,
        content[:200],
        b"\xff\xfb\x90\x64",
    ):
        damaged.write_bytes(changed)
        assert libsndfile.open_whole_mp3(damaged) is None
    damaged.write_bytes(flipped)
    assert files.read(damaged, RATE).shape == (4 * RATE, 2)
    assert capfd.readouterr().err == ""


def test_other_files_are_none(tmp_path):
    song = odd_audio.write(tmp_path / "song.ogg", odd_audio.music())
    assert libsndfile.open_whole_mp3(song) is None
    assert libsndfile.open_vorbis(odd_audio.write(tmp_path / "song.flac", odd_audio.music())) is None
    for opened in (libsndfile.open_vorbis, libsndfile.open_whole_mp3):
        assert opened(tmp_path) is None
        assert opened(tmp_path / "missing.mp3") is None
    with libsndfile.open_vorbis(song) as file:
        assert sum(map(len, file.chunks())) == 4 * RATE


def test_blocks_of_a_whole_mp3_file_equal_the_whole(tmp_path):
    path = odd_audio.write(tmp_path / "song.mp3", odd_audio.music())
    with AudioFile(path) as file:
        expected = np.concatenate(list(file.chunks()))
    found = np.concatenate(list(files.blocks(path, RATE, 0.7)))
    np.testing.assert_allclose(found, expected, atol=2e-5)
    np.testing.assert_array_equal(found, files.read(path, RATE))

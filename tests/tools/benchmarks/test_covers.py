import numpy as np
import pytest
import soundfile

from tests import commands
from tests.inference import tiny
from tools.benchmarks import covers

RATE = 44100


@pytest.mark.slow
def test_a_row_for_each_song(tmp_path):
    tiny.trained(tmp_path / "run" / "translator")
    songs = []
    for name, channels in (("cover", 1), ("stereo", 2)):
        songs.append(tmp_path / f"{name}.wav")
        samples = tiny.song(1.5) if channels == 1 else np.hstack([tiny.song(1.5), 0.5 * tiny.song(1.5)])
        soundfile.write(songs[-1], samples, tiny.SPEC.sample_rate)
    arguments = [f"--song={song}" for song in songs]
    done = commands.run(
        "tools.benchmarks.covers", f"--model={tmp_path / 'run'}", *arguments, "--master_lufs=-8"
    )
    assert done.returncode == 0, done.stderr
    rows = [line.strip("| ").split(" | ") for line in done.stdout.splitlines() if ".wav" in line]
    assert [row[0] for row in rows] == ["cover.wav", "stereo.wav"]
    for row in rows:
        assert abs(float(row[1]) - -8) < 0.1
        assert float(row[5]) <= -1


def test_measurements_of_known_signals():
    tone = np.sin(2 * np.pi * 997 * np.arange(3 * RATE) / RATE)[:, None]
    # BS.1770-4: a full-scale tone of 997 Hz in one channel is -3.01 LUFS.
    assert covers.loudness(tone, RATE) == pytest.approx(-3.01, abs=0.1)
    assert covers.side(np.hstack([tone, 0.5 * tone])) == pytest.approx(-9.54, abs=0.01)
    between = np.tile([1.0, 1.0, -1.0, -1.0], 1000)[:, None]  # a tone with peaks between its samples
    assert covers.true_peak(between * np.hanning(4000)[:, None]) == pytest.approx(3.0, abs=0.1)
    assert covers.loudness(covers.mastered(tone.astype(np.float32), RATE, -4.0), RATE) == pytest.approx(
        -4.0, abs=0.05
    )


def test_song_without_a_loudness_is_a_user_error(tmp_path):
    tiny.trained(tmp_path / "run" / "translator")
    soundfile.write(tmp_path / "click.wav", tiny.song(0.1), tiny.SPEC.sample_rate)
    done = commands.run(
        "tools.benchmarks.covers", f"--model={tmp_path / 'run'}", f"--song={tmp_path / 'click.wav'}"
    )
    assert done.returncode == 1
    assert "click.wav is shorter than 0.4 s" in done.stderr
    assert "Traceback" not in done.stderr

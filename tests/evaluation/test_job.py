"""Whole evaluations of small data."""

import numpy as np
import pytest
import soundfile

from pipelines.evaluation import conversion, job, measurement
from pipelines.evaluation.catalogue import COLUMNS, CONTENT
from tests.evaluation import small
from tests.evaluation.small import FEW, estimates, request

pytestmark = pytest.mark.usefixtures("one_process")


@pytest.fixture(scope="module")
def paired(folder):
    """Everything measured of two pairs."""
    with pytest.MonkeyPatch.context() as patch:
        small.measure_here(patch)
        return job.evaluate(request(folder, folder / "out", runs=("run",)))


def test_rows_and_columns(paired):
    names = ["copy the source", "copy a band song", "EQ match", "oracle", "run"]
    assert [row.method.name for row in paired.rows] == names
    assert [column.key for column in paired.columns] == [entry.column.key for entry in COLUMNS]
    assert [song.name for song in paired.songs] == ["one", "two"]
    assert all(set(row.songs) == {"one", "two"} for row in paired.rows)


def test_copying_the_source_is_perfect_on_content(paired):
    for key in ("chroma_to_source", "melody", "onset_f1"):
        assert estimates(paired, key)["copy the source"] == pytest.approx(1)
        assert estimates(paired, key)["copy a band song"] < 0.95
    assert estimates(paired, "pitch_to_source")["copy the source"] == 0


def test_the_oracle_is_nearest_to_the_truth(paired):
    for key in ("log_mel_error", "lsd_frequency", "lsd_time", "multi_stft", "mcd"):
        found = estimates(paired, key)
        assert min(found, key=found.__getitem__) == "oracle"


def test_the_bands_songs_have_the_bands_style(paired):
    for key in ("kad_statistics", "kid_statistics"):
        assert estimates(paired, key)["copy a band song"] < estimates(paired, key)["copy the source"]
    found = estimates(paired, "probability")
    assert found["copy a band song"] > 0.5 > found["copy the source"]


def test_the_score_counts_only_where_it_is_there(paired):
    for row in paired.rows:
        assert [name for name, values in row.songs.items() if "multipitch" in values] == ["one"]


def test_intervals_hold_the_mean(paired):
    for row in paired.rows:
        estimate = row.estimates["log_mel_error"]
        assert estimate.low <= estimate.mean <= estimate.high
    assert paired.rows[0].estimates["multipitch"].low is None


def test_all_sounds_are_there_at_one_loudness(paired, folder):
    sounds = [song.truth for song in paired.songs] + [
        path for row in paired.rows for path in row.audio.values()
    ]
    for path in sounds:
        sound, rate = soundfile.read(folder / "out" / path)
        assert (rate, sound.ndim, len(sound)) == (paired.sample_rate, 1, round(small.SECONDS * rate))
        assert np.abs(sound).max() < 1
    assert not list((folder / "out" / "cache").glob("*.npy"))


def test_what_is_measured_is_not_measured_again(paired, folder, monkeypatch):
    for module, name in ((measurement, "measure"), (conversion, "_make")):
        monkeypatch.setattr(module, name, lambda *_: pytest.fail("measured again"))
    again = job.evaluate(request(folder, folder / "out", runs=("run",)))
    assert again.to_dict()["rows"] == paired.to_dict()["rows"]


def test_a_killed_evaluation_goes_on(folder, tmp_path, monkeypatch):
    """Neither what was played nor what was measured is done again."""
    played, measured = (
        _counting(monkeypatch, conversion, "_make"),
        _counting(monkeypatch, measurement, "measure"),
    )
    with monkeypatch.context() as patch:
        patch.setattr(conversion, "measure_all", _kill)
        with pytest.raises(KeyboardInterrupt):
            job.evaluate(request(folder, tmp_path), FEW)
    assert (len(played), len(measured)) == (8, 6)
    evaluation = job.evaluate(request(folder, tmp_path), FEW)
    assert (len(played), len(measured)) == (8, 6 + 8)
    assert [len(row.songs) for row in evaluation.rows] == [2, 2, 2, 2]


def _kill(*_):
    raise KeyboardInterrupt


def _counting(monkeypatch, module, name):
    """Has a function note its calls."""
    calls, function = [], getattr(module, name)
    monkeypatch.setattr(module, name, lambda *given: calls.append(given) or function(*given))
    return calls


def test_a_column_from_outside(folder, tmp_path):
    evaluation = job.evaluate(request(folder, tmp_path), FEW)
    assert [column.key for column in evaluation.columns] == ["loudest", "log_mel_error", "lsd_time"]
    assert estimates(evaluation, "loudest")["copy the source"] > 0.1


def test_strengths_lie_between_the_source_and_the_cover(folder, tmp_path, monkeypatch):
    """Strength 0 is the source through the inverter, strength 1 the row that is there anyway."""
    wanted = request(folder, tmp_path, runs=("run",), strengths=(1.0, 0.5, 0.0))
    evaluation = job.evaluate(wanted, FEW)
    copied, *_, full, half, none = evaluation.rows
    assert [row.method.name for row in (full, half, none)] == [
        "run",
        "run, strength 0.50",
        "run, strength 0.00",
    ]
    source = _heard(tmp_path / copied.audio["one"])
    away = [np.abs(_heard(tmp_path / row.audio["one"]) - source).mean() for row in (full, half, none)]
    assert away[0] > 1.2 * away[1] > 1.2 * away[2]
    monkeypatch.setattr(conversion, "_make", lambda *_: pytest.fail("played again"))
    again = job.evaluate(request(folder, tmp_path, runs=("run",), strengths=(0.5,)), FEW)
    assert estimates(again, "log_mel_error")["run, strength 0.50"] == half.estimates["log_mel_error"].mean


def _heard(path):
    """The log spectrum, in decibels, of a sound."""
    sound, _ = soundfile.read(path)
    spectrum = np.fft.rfft(np.lib.stride_tricks.sliding_window_view(sound, 1024)[::512] * np.hanning(1024))
    return 20 * np.log10(np.abs(spectrum) + 1e-2)


def test_without_the_truth(folder, tmp_path):
    evaluation = job.evaluate(request(folder, tmp_path, pairs=None), (*FEW, CONTENT[0]))
    assert [song.name for song in evaluation.songs] == ["song 3"]
    assert [column.key for column in evaluation.columns] == ["loudest", "chroma_to_source"]
    assert "oracle" not in estimates(evaluation, "loudest")
    assert evaluation.anchors is None
    assert evaluation.songs[0].truth is None
    assert not evaluation.warnings

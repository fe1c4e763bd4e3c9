"""Tests of complete evaluations on small data."""

import dataclasses
import json
import shutil

import numpy as np
import pytest
import soundfile

from pipelines.data.corpus import Corpus
from pipelines.errors import UserError
from pipelines.evaluation import conversion, corpus_songs, job, measurement
from pipelines.evaluation.balance import COLUMNS as BALANCE_COLUMNS
from pipelines.evaluation.catalogue import COLUMNS, CONTENT, STYLE
from pipelines.evaluation.pairs import RENDERING
from tests.evaluation import small
from tests.evaluation.small import FEW, estimates, request

(_ENERGY,) = (entry for entry in STYLE if entry.column.key == "energy_statistics")

pytestmark = pytest.mark.usefixtures("one_process")


@pytest.fixture(scope="module")
def paired(folder):
    """Evaluation of two pairs with all columns."""
    with pytest.MonkeyPatch.context() as patch:
        small.measure_in_process(patch)
        return job.evaluate(request(folder, folder / "out", runs=("run",)))


def test_rows_and_columns(paired):
    names = ["copy the source", "copy a band song", "EQ match", "mean and deviation match", "oracle", "run"]
    assert [row.method.name for row in paired.rows] == names
    wanted = [column.key for column in (*BALANCE_COLUMNS, *(entry.column for entry in COLUMNS))]
    # The songs are shorter than three bars, and have no stems.
    wanted = [key for key in wanted if key not in ("self_similarity", "voice_si_sdr", "bleed")]
    assert [column.key for column in paired.columns] == wanted
    assert any("form is missing" in sentence for sentence in paired.warnings)
    assert [song.name for song in paired.songs] == ["one", "two"]
    assert all(set(row.songs) == {"one", "two"} for row in paired.rows)


def test_copying_the_source_is_perfect_on_content(paired):
    for key in ("chroma_to_source", "melody", "onset_f1"):
        assert estimates(paired, key)["copy the source"] == pytest.approx(1)
        assert estimates(paired, key)["copy a band song"] < 0.95
    assert estimates(paired, "pitch_to_source")["copy the source"] == 0


def test_the_oracle_is_closest_to_the_truth(paired):
    for key in ("log_mel_error", "lsd_frequency", "lsd_time", "multi_stft", "mcd"):
        found = estimates(paired, key)
        assert min(found, key=found.__getitem__) == "oracle"


def test_the_bands_songs_have_the_bands_style(paired):
    for key in ("kad_statistics", "kid_statistics"):
        assert estimates(paired, key)["copy a band song"] < estimates(paired, key)["copy the source"]
    found = estimates(paired, "probability")
    assert found["copy a band song"] > 0.5 > found["copy the source"]


def test_multipitch_is_measured_only_with_a_score(paired):
    for row in paired.rows:
        assert [name for name, values in row.songs.items() if "multipitch" in values] == ["one"]


def test_intervals_contain_the_mean(paired):
    for row in paired.rows:
        estimate = row.estimates["log_mel_error"]
        assert estimate.low <= estimate.mean <= estimate.high
    assert paired.rows[0].estimates["multipitch"].low is None


def test_all_audio_is_published_without_clipping(paired, folder):
    sounds = [song.truth for song in paired.songs] + [
        path for row in paired.rows for path in row.audio.values()
    ]
    for path in sounds:
        sound, rate = soundfile.read(folder / "out" / path)
        assert (rate, sound.ndim, len(sound)) == (paired.sample_rate, 1, round(small.SECONDS * rate))
        assert np.abs(sound).max() < 1
    assert not list((folder / "out" / "cache").glob("*.npy"))


def test_measurements_are_reused(paired, folder, monkeypatch):
    for module, name in ((measurement, "measure"), (conversion, "_translate")):
        monkeypatch.setattr(module, name, lambda *_: pytest.fail("measured again"))
    again = job.evaluate(request(folder, folder / "out", runs=("run",)))
    assert again.to_dict()["rows"] == paired.to_dict()["rows"]


def test_an_interrupted_evaluation_resumes(folder, tmp_path, monkeypatch):
    """Neither translations nor measurements are repeated."""
    translated, measured = (
        _counting(monkeypatch, conversion, "_translate"),
        _counting(monkeypatch, measurement, "measure"),
    )
    with monkeypatch.context() as patch:
        patch.setattr(conversion, "measure_all", _kill)
        with pytest.raises(KeyboardInterrupt):
            job.evaluate(request(folder, tmp_path), FEW)
    assert (len(translated), len(measured)) == (10, 6)
    evaluation = job.evaluate(request(folder, tmp_path), FEW)
    assert (len(translated), len(measured)) == (10, 6 + 10)
    assert [len(row.songs) for row in evaluation.rows] == [2, 2, 2, 2, 2]


def _kill(*_):
    raise KeyboardInterrupt


def _counting(monkeypatch, module, name):
    """Wraps a function so that its calls are recorded; returns the list of calls."""
    calls, function = [], getattr(module, name)
    monkeypatch.setattr(module, name, lambda *given: calls.append(given) or function(*given))
    return calls


def test_a_custom_column(folder, tmp_path):
    evaluation = job.evaluate(request(folder, tmp_path), FEW)
    assert [column.key for column in evaluation.columns] == ["loudest", "log_mel_error", "lsd_time"]
    assert estimates(evaluation, "loudest")["copy the source"] > 0.1


def test_the_settings_name_what_is_copied_and_the_soundfont(folder, tmp_path):
    for path in ("data", "pairs"):
        shutil.copytree(folder / path, tmp_path / path)
    rendering = {"soundfont": {"name": "mine", "sha256": "0f3"}}
    (tmp_path / "pairs" / RENDERING).write_text(json.dumps(rendering))
    settings = job.evaluate(request(tmp_path, tmp_path / "out"), FEW[:1]).settings
    assert settings["SoundFont of the songs"] == "mine (SHA-256 0f3)"
    assert settings["copied songs of the band"] == "2 truths of other songs"


@pytest.mark.slow
def test_strengths_interpolate_between_source_and_translation(folder, tmp_path, monkeypatch):
    """Strength 0 is the source through the inverter, strength 1 the model's own row."""
    wanted = request(folder, tmp_path, runs=("run",), strengths=(1.0, 0.5, 0.0))
    evaluation = job.evaluate(wanted, FEW)
    copied, *_, full, half, none = evaluation.rows
    assert [row.method.name for row in (full, half, none)] == [
        "run",
        "run, strength 0.50",
        "run, strength 0.00",
    ]
    source = _log_spectrum(tmp_path / copied.audio["one"])
    away = [np.abs(_log_spectrum(tmp_path / row.audio["one"]) - source).mean() for row in (full, half, none)]
    assert away[0] > 1.2 * away[1] > 1.2 * away[2]
    monkeypatch.setattr(conversion, "_translate", lambda *_: pytest.fail("translated again"))
    again = job.evaluate(request(folder, tmp_path, runs=("run",), strengths=(0.5,)), FEW)
    assert estimates(again, "log_mel_error")["run, strength 0.50"] == half.estimates["log_mel_error"].mean


def _log_spectrum(path):
    """Log-magnitude spectrogram of an audio file, dB."""
    sound, _ = soundfile.read(path)
    spectrum = np.fft.rfft(np.lib.stride_tricks.sliding_window_view(sound, 1024)[::512] * np.hanning(1024))
    return 20 * np.log10(np.abs(spectrum) + 1e-2)


def test_without_the_truth(folder, tmp_path):
    evaluation = job.evaluate(request(folder, tmp_path, pairs=None, runs=("run",)), (*FEW, CONTENT[0]))
    assert [song.name for song in evaluation.songs] == ["song 3", "band: song 3"]
    assert [column.key for column in evaluation.columns] == ["loudest", "chroma_to_source"]
    bounds = [row for row in evaluation.rows if row.method.kind == "bound"]
    assert [row.method.name for row in bounds] == ["the band's log-mels inverted", "run, of the band"]
    assert all(set(row.songs) == {"band: song 3"} for row in bounds)
    assert bounds[0].estimates["chroma_to_source"].mean > 0.95
    assert "oracle" not in estimates(evaluation, "loudest")
    assert evaluation.published is None
    assert evaluation.songs[0].truth is None
    assert not evaluation.warnings


def test_excerpts_from_the_middle_with_the_balance_of_content_and_style(folder, tmp_path):
    wanted = dataclasses.replace(request(folder, tmp_path, pairs=None), seconds=2.0)
    evaluation = job.evaluate(wanted, (*CONTENT[:3], _ENERGY))
    assert {round(song.seconds, 3) for song in evaluation.songs} == {2.0}
    kept, reached, balance = (estimates(evaluation, column.key) for column in BALANCE_COLUMNS)
    assert [each["copy the source"] for each in (kept, reached, balance)] == [1, 0, 0]
    assert [each["copy a band song"] for each in (kept, reached, balance)] == [0, 1, 0]
    assert kept["EQ match"] > 0.5
    middle, _ = soundfile.read(tmp_path / evaluation.songs[0].source)
    whole = corpus_songs.waveform(Corpus.load(folder / "data"), _test_song(folder))
    start = (len(whole) - len(middle)) // 2
    assert np.corrcoef(middle, whole[start : start + len(middle)])[0, 1] > 0.9


def test_excerpts_of_pairs_are_refused(folder, tmp_path):
    with pytest.raises(UserError, match="leave out --seconds or --pairs"):
        dataclasses.replace(request(folder, tmp_path), seconds=2.0)


def _test_song(folder):
    (song,) = corpus_songs.select(Corpus.load(folder / "data"), "content", "test").songs
    return song

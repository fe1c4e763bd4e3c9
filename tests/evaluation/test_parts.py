"""Tests of corpus songs, recordings, labels and the store."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from pipelines.audio import files
from pipelines.audio.features import log_mel
from pipelines.audio.scaling import to_db
from pipelines.data.shards import segment_starts
from pipelines.errors import UserError
from pipelines.evaluation import corpus_songs, measurement, models, rows, systems
from pipelines.evaluation.catalogue import COLUMNS
from pipelines.evaluation.columns import StyleReference
from pipelines.evaluation.recording import Recording
from pipelines.evaluation.rows import MissingValues
from pipelines.evaluation.store import Measurements, Store, cache_key
from pipelines.nn.dials import Dials
from tests.evaluation import small


@pytest.mark.parametrize("samples", [100, 8192, 33792, 40000, 77777])
@pytest.mark.parametrize("error", [-22, 0, 9])
def test_segments_are_joined_exactly(samples, error):
    """The length of a song is only known to a millisecond."""
    song = np.random.default_rng(1).integers(-9999, 9999, samples).astype(np.int16)
    size, stride = small.SETTINGS.segment_samples, 128 * small.SPEC.hop_length
    segments = [song[start : start + size] for start in segment_starts(samples, small.SETTINGS)]
    assert np.array_equal(corpus_songs.join(segments, stride, samples + error, 22), song)


def test_a_whole_song_equals_the_prepared_one(tmp_path):
    corpus = small.data(tmp_path, ("train",), ("train",))
    song = corpus_songs.waveform(corpus, corpus.songs("band", "train")[0])
    expected = small.synthesise(small.melody(4), band=True)
    assert song.shape == expected.shape
    assert np.corrcoef(song, expected)[0, 1] > 0.999


def test_the_log_mel_equals_that_of_the_translators():
    sound = small.synthesise(small.melody(1), band=False)
    theirs = to_db(small.SPEC, log_mel(small.SPEC, sound[None]).numpy()[0, ..., 0])
    np.testing.assert_allclose(Recording(sound, small.SPEC).mel_db.T, theirs, atol=0.01)


def test_labels_of_models_are_unique():
    found = models.model_entries(["runs/a", "other/a", "runs/b"], ["first"])
    assert [each.name for each in found] == ["first", "a", "b"]
    assert [each.name for each in models.model_entries(["x/a", "y/a", "oracle"], [])] == [
        "a",
        "a (2)",
        "oracle (2)",
    ]
    with pytest.raises(UserError, match="2 --name for 1 --model"):
        models.model_entries(["a"], ["one", "two"])


def test_each_strength_is_one_row():
    assert models.model_entries(["x/a"], [], vocoder="runs/v")[0].vocoder == ("a, vocoder", Path("runs/v"))
    one, other = models.model_entries(["x/a", "y/a"], [], [0.25, 1.0, 0.5, 0.25])
    assert one.dials == (
        ("a, strength 0.50", Dials(0.5)),
        ("a, strength 0.25", Dials(0.25)),
    )
    assert [label for label, _ in other.dials] == ["a (2), strength 0.50", "a (2), strength 0.25"]
    (close,) = models.model_entries(["a"], [], [0.501, 0.499])
    assert [label for label, _ in close.dials] == ["a, strength 0.50", "a, strength 0.50 (2)"]


def test_each_closeness_but_the_automatic_one_is_one_row():
    (one,) = models.model_entries(["a"], [], [0.5], None, [0.0, 0.5, 1.0])
    assert one.dials == (
        ("a, strength 0.50", Dials(0.5)),
        ("a, closeness 1.00", Dials(1.0, 1.0)),
        ("a, closeness 0.00", Dials(1.0, 0.0)),
    )


def test_a_row_at_a_closeness_that_a_model_does_not_have_is_left_out(folder):
    entries = models.model_entries([str(folder / "run")], [], [0.5], None, [0.0])
    warnings = []
    rows = list(models.load(entries, small.SPEC, warnings.append))
    assert [row.method.name for row in rows] == ["run", "run, strength 0.50"]
    (sentence,) = warnings
    assert sentence.startswith("run, closeness 0.00 is left out: a ")
    assert "has no dial of closeness" in sentence


def test_damaged_measurements_are_ignored(tmp_path):
    path = tmp_path / "one.npz"
    measured = Measurements({"mcd": 1.5}, {"statistics": np.ones((3, 2))}, {"timbre": "why"}, {"mcd": 0.1})
    measured.save(path)
    found = Measurements.load(path)
    assert (found.values, found.missing) == (measured.values, measured.missing)
    assert np.array_equal(found.features["statistics"], np.ones((3, 2)))
    path.write_bytes(path.read_bytes()[:100])
    assert Measurements.load(path) is None
    assert Measurements.load(tmp_path / "none.npz") is None


def test_file_names_of_songs_are_unique():
    store = Store(Path("out"), 8000)
    names = ["one", "a/one", "a-one", "No. 5: Été"]
    paths = [store.audio("method", name) for name in names]
    assert len(set(paths)) == 4
    assert paths[0] == "audio/method/one.ogg"
    assert all(path.count("/") == 2 for path in paths)


def test_published_audio_does_not_clip(tmp_path):
    path = Store(tmp_path, 8000).publish("loud", "song", 3 * np.sin(np.arange(8000) / 9, dtype=np.float32))
    assert np.abs(files.read(tmp_path / path, 8000)).max() < 1.05


def test_intervals_of_sets_and_songs():
    """A set with the reference's distribution, and songs of known spread."""
    generator = np.random.default_rng(2)
    reference = generator.normal(size=(300, 4))
    measured = {
        str(song): Measurements({"mcd": float(song)}, {"statistics": generator.normal(size=(20, 4))})
        for song in range(10)
    }
    wanted = [
        entry for entry in COLUMNS if entry.column.key in ("mcd", "kad_statistics", "two_sample_statistics")
    ]
    style = StyleReference({"statistics": reference}, {"statistics": np.split(reference, 5)})
    found = rows.summarise(systems.COPY_SOURCE, measured, {}, wanted, style, MissingValues()).estimates
    assert found["mcd"].mean == 4.5
    assert 2 < found["mcd"].low < 3.5 < 5.5 < found["mcd"].high < 7
    assert found["kad_statistics"].low < 0 < found["kad_statistics"].high
    accuracy = found["two_sample_statistics"]
    assert accuracy.low <= accuracy.mean <= accuracy.high
    assert 0.35 < accuracy.mean < 0.65


def test_workers_start_without_tensorflow():
    modules = "sys, pipelines.evaluation.measurement, pipelines.evaluation.catalogue"
    code = f"import {modules}; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.slow
def test_measurement_in_worker_processes(tmp_path):
    """With the worker pool, which the other tests replace."""
    store = Store(tmp_path, small.SPEC.sample_rate)
    waveform = store.put_waveform("waveform", small.synthesise(small.melody(1), band=True))
    tasks = [
        measurement.Task(
            "good", tmp_path / "good.npz", small.SPEC, waveform, waveform, columns=(small.LOUDEST,)
        ),
        measurement.Task("bad", tmp_path / "bad.npz", small.SPEC, tmp_path / "none.npy", waveform),
    ]
    problems = list(measurement.measure_all(tasks, "measuring", jobs=1))
    assert len(problems) == 1
    assert problems[0].startswith("bad could not be measured (FileNotFoundError")
    assert Measurements.load(tmp_path / "good.npz").values["loudest"] > 0.05
    assert cache_key(1) != cache_key(2)

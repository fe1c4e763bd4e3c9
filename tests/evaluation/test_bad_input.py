"""Tests of bad evaluation input: one sentence names each defect, and other rows are not affected."""

import dataclasses
import shutil

import numpy as np
import pytest

from pipelines.errors import UserError
from pipelines.evaluation import job
from tests.evaluation import small
from tests.evaluation.small import FEW, LOUDEST, estimates, request

pytestmark = pytest.mark.usefixtures("one_process")


def warned(evaluation, *parts):
    """True if one of the warnings contains all of these parts."""
    return any(all(part in sentence for part in parts) for sentence in evaluation.warnings)


@pytest.fixture
def bad(folder, tmp_path):
    """Pairs with every defect, and folders that are not models."""
    pairs, silence = tmp_path / "pairs", np.zeros(small.SPEC.sample_rate * 3)
    for number, name in enumerate(
        ("good", "no_truth", "silent", "silent_truth", "longer", "broken", "brief")
    ):
        small.pair(pairs, name, number)
    (pairs / "no_truth.band.flac").unlink()
    small.write(pairs / "silent.source.wav", silence)
    small.write(pairs / "silent_truth.band.flac", silence)
    small.write(
        pairs / "longer.band.flac", small.synthesise(small.melody(4), band=True, seconds=small.SECONDS + 1)
    )
    (pairs / "broken.source.wav").write_bytes(b"no sound")
    small.write(pairs / "brief.source.wav", small.synthesise(small.melody(6), band=False, seconds=0.4))
    shutil.copytree(folder / "run", tmp_path / "damaged")
    (tmp_path / "damaged/translator/translator.keras").write_bytes(b"no network")
    shutil.copytree(folder / "run", tmp_path / "run")
    (tmp_path / "data").symlink_to(folder / "data")
    return tmp_path


def test_valid_songs_are_measured_and_invalid_ones_named(bad):
    evaluation = job.evaluate(request(bad, bad / "out", runs=("damaged", "nowhere", "run")), FEW)
    assert [song.name for song in evaluation.songs] == ["good", "longer", "no_truth", "silent_truth"]
    assert [row.method.name for row in evaluation.rows][4:] == ["oracle", "run"]
    assert warned(evaluation, "no_truth.source.wav has no truth no_truth.band.*")
    assert warned(evaluation, "silent.source.wav", "silent", "the song is left out")
    assert warned(evaluation, "silent_truth.band.flac", "silent", "not compared with the truth")
    assert warned(evaluation, "longer.source.wav", "4.2 s and its truth 5.2 s", "first 4.2 s")
    assert warned(evaluation, "broken.source.wav is not a readable audio file", "left out")
    assert warned(evaluation, "brief.source.wav", "shorter than 1 s")
    assert warned(evaluation, "damaged is left out", "translator.keras cannot be loaded")
    assert warned(evaluation, "nowhere is left out", "not a folder")
    compared = {name for name, values in evaluation.rows[0].songs.items() if "lsd_time" in values}
    assert compared == {"good", "longer"}


@pytest.mark.slow
def test_a_model_of_another_spec_is_measured_and_gets_its_own_oracle(folder, tmp_path):
    shutil.copytree(folder / "run", tmp_path / "run")
    coarse = dataclasses.replace(small.SPEC, sample_rate=16000, fmax=8000.0)
    coarse.save(tmp_path / "run" / "translator")
    evaluation = job.evaluate(request(folder, tmp_path / "out", runs=(tmp_path / "run",)), FEW)
    assert warned(evaluation, "run was trained with other audio settings", "sample_rate 16000 against 22050")
    found = estimates(evaluation, "log_mel_error")
    assert list(found)[4:] == ["oracle", "oracle of run", "run"]
    assert found["oracle"] < found["oracle of run"] < found["copy the source"]


@pytest.mark.slow
def test_a_silent_translation_is_left_out(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(
        "pipelines.evaluation.systems.TrainedModel.translate", lambda *_: np.zeros(50000, np.float32)
    )
    evaluation = job.evaluate(request(folder, tmp_path, runs=("run",)), (LOUDEST,))
    assert warned(evaluation, "run of one is left out: it is silent")
    assert [row.method.name for row in evaluation.rows][-1] == "oracle"


def test_no_usable_song_is_an_error(bad):
    for path in (bad / "pairs").glob("*.source.wav"):
        path.write_bytes(b"no sound")
    with pytest.raises(UserError, match="pairs holds no song that can be evaluated"):
        job.evaluate(request(bad, bad / "out"), FEW)


def test_domains_of_one_song(tmp_path):
    """No test split and no valid split: the only songs are played and compared with, and nothing is left."""
    small.data(tmp_path / "data", ("train",), ("train",))
    evaluation = job.evaluate(request(tmp_path, tmp_path / "out", pairs=None), (LOUDEST,))
    assert [row.method.name for row in evaluation.rows] == [
        "copy the source",
        "EQ match",
        "mean and deviation match",
    ]
    assert warned(evaluation, "has no test split of content songs", "its train songs are used")
    assert warned(evaluation, "only one song of the band", "left out")
    assert warned(evaluation, "no held-out band songs", "P(band) may flatter")
    assert warned(evaluation, "P(band) is left out", "no content song")


def test_a_failing_metric_does_not_affect_others(folder, tmp_path):
    broken = dataclasses.replace(LOUDEST.column, key="broken", name="broken")
    columns = (dataclasses.replace(LOUDEST, column=broken, measure=_fail), LOUDEST)
    evaluation = job.evaluate(request(folder, tmp_path), columns)
    assert [column.key for column in evaluation.columns] == ["loudest"]
    assert warned(
        evaluation, "broken is missing for copy the source (2 songs), copy a band", "ValueError: no"
    )


def _fail(comparison):
    raise ValueError("no")


def test_a_folder_without_manifest_is_an_error(tmp_path):
    with pytest.raises(UserError, match=r"holds no manifest\.json"):
        job.evaluate(request(tmp_path, tmp_path / "out", data="."), FEW)


def test_an_unwritable_report_folder_is_an_error(folder, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="file/out cannot be made"):
        job.evaluate(request(folder, tmp_path / "file" / "out"), FEW)

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


def said(evaluation, *parts):
    """True if one of the warnings contains all of these parts."""
    return any(all(part in sentence for part in parts) for sentence in evaluation.warnings)


@pytest.fixture
def bad(folder, tmp_path):
    """Pairs of every kind, and models that are none."""
    pairs, silence = tmp_path / "pairs", np.zeros(small.SPEC.sample_rate * 3)
    for number, name in enumerate(
        ("good", "no_truth", "silent", "silent_truth", "longer", "broken", "brief")
    ):
        small.pair(pairs, name, number)
    (pairs / "no_truth.band.flac").unlink()
    small.write(pairs / "silent.source.wav", silence)
    small.write(pairs / "silent_truth.band.flac", silence)
    small.write(pairs / "longer.band.flac", small.play(small.melody(4), band=True, seconds=small.SECONDS + 1))
    (pairs / "broken.source.wav").write_bytes(b"no sound")
    small.write(pairs / "brief.source.wav", small.play(small.melody(6), band=False, seconds=0.4))
    shutil.copytree(folder / "run", tmp_path / "damaged")
    (tmp_path / "damaged/translator/translator.keras").write_bytes(b"no network")
    shutil.copytree(folder / "run", tmp_path / "run")
    (tmp_path / "data").symlink_to(folder / "data")
    return tmp_path


def test_the_good_ones_are_measured_and_the_bad_ones_named(bad):
    evaluation = job.evaluate(request(bad, bad / "out", runs=("damaged", "nowhere", "run")), FEW)
    assert [song.name for song in evaluation.songs] == ["good", "longer", "no_truth", "silent_truth"]
    assert [row.method.name for row in evaluation.rows][3:] == ["oracle", "run"]
    assert said(evaluation, "no_truth.source.wav has no truth no_truth.band.*")
    assert said(evaluation, "silent.source.wav", "silent", "the song is left out")
    assert said(evaluation, "silent_truth.band.flac", "silent", "not compared with the truth")
    assert said(evaluation, "longer.source.wav", "4.2 s and its truth 5.2 s", "first 4.2 s")
    assert said(evaluation, "broken.source.wav is not a readable audio file", "left out")
    assert said(evaluation, "brief.source.wav", "shorter than 1 s")
    assert said(evaluation, "damaged is left out", "translator.keras cannot be loaded")
    assert said(evaluation, "nowhere is left out", "not a folder")
    compared = {name for name, values in evaluation.rows[0].songs.items() if "lsd_time" in values}
    assert compared == {"good", "longer"}


def test_a_model_of_another_spec_is_measured_and_gets_its_own_oracle(folder, tmp_path):
    shutil.copytree(folder / "run", tmp_path / "run")
    coarse = dataclasses.replace(small.SPEC, sample_rate=16000, fmax=8000.0)
    coarse.save(tmp_path / "run" / "translator")
    evaluation = job.evaluate(request(folder, tmp_path / "out", runs=(tmp_path / "run",)), FEW)
    assert said(evaluation, "run was trained with other audio settings", "sample_rate 16000 against 22050")
    found = estimates(evaluation, "log_mel_error")
    assert list(found)[3:] == ["oracle", "oracle of run", "run"]
    assert found["oracle"] < found["oracle of run"] < found["copy the source"]


def test_a_cover_that_is_silent_is_left_out(folder, tmp_path, monkeypatch):
    monkeypatch.setattr("pipelines.evaluation.systems.Model.play", lambda *_: np.zeros(50000, np.float32))
    evaluation = job.evaluate(request(folder, tmp_path, runs=("run",)), (LOUDEST,))
    assert said(evaluation, "run of one is left out: it is silent")
    assert [row.method.name for row in evaluation.rows][-1] == "oracle"


def test_nothing_that_can_be_played_is_an_error(bad):
    for path in (bad / "pairs").glob("*.source.wav"):
        path.write_bytes(b"no sound")
    with pytest.raises(UserError, match="pairs holds no song that can be evaluated"):
        job.evaluate(request(bad, bad / "out"), FEW)


def test_domains_of_one_song(tmp_path):
    """No test split, no valid split, one song that has to be everything."""
    small.data(tmp_path / "data", ("train",), ("train",))
    evaluation = job.evaluate(request(tmp_path, tmp_path / "out", pairs=None), (LOUDEST,))
    assert len(evaluation.rows) == 3
    assert said(evaluation, "has no test split of content songs", "its train songs are played")
    assert said(evaluation, "only one song of the band")
    assert said(evaluation, "no held-out content songs", "P(band) may flatter")
    assert said(evaluation, "no held-out band songs")


def test_a_metric_that_fails_takes_no_other_with_it(folder, tmp_path):
    broken = dataclasses.replace(LOUDEST.column, key="broken", name="broken")
    columns = (dataclasses.replace(LOUDEST, column=broken, measure=_fail), LOUDEST)
    evaluation = job.evaluate(request(folder, tmp_path), columns)
    assert [column.key for column in evaluation.columns] == ["loudest"]
    assert said(evaluation, "broken is missing for copy the source (2 songs), copy a band", "ValueError: no")


def _fail(hearing):
    raise ValueError("no")


def test_the_unfinished_data_folder_of_another_program(tmp_path):
    with pytest.raises(UserError, match=r"holds no manifest\.json"):
        job.evaluate(request(tmp_path, tmp_path / "out", data="."), FEW)


def test_a_report_that_cannot_be_written(folder, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="file/out cannot be made"):
        job.evaluate(request(folder, tmp_path / "file" / "out"), FEW)

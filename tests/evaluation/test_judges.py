"""Tests of the columns by published networks, for which stand-ins stand here."""

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest

from pipelines.errors import UserError
from pipelines.evaluation import job, judges, recording
from pipelines.evaluation.context import WarningLog
from pipelines.metrics import basic_pitch, musicnn
from tests.evaluation.small import FEW, estimates, request


def _random(samples, shape):
    """Numbers from 0 to 1 that are equal for equal samples only, but for the rounding of a gain."""
    total = float(f"{np.abs(samples).sum(dtype=np.float64):.4g}")
    return np.random.default_rng(np.float64(total).view(np.uint64)).random(shape)


def _posteriors(windows):
    shape = (len(windows), 172, 88)
    return np.ones(shape), _random(windows, shape)


@pytest.fixture
def networks(monkeypatch):
    """Stand-ins whose output depends on the recording."""
    embedding = SimpleNamespace(embed=lambda waveform, rate: _random(waveform, (20, 4)))
    monkeypatch.setattr(basic_pitch, "load", lambda: _posteriors)
    monkeypatch.setattr(musicnn, "prepare", lambda: None)
    monkeypatch.setattr(musicnn.MusiCNN, "load", lambda: embedding)
    for cached in (recording._basic_pitch, recording._musicnn):
        cached.cache_clear()
    yield
    for cached in (recording._basic_pitch, recording._musicnn):
        cached.cache_clear()


@pytest.mark.usefixtures("networks", "one_process")
def test_judges_measure_content_and_style(folder, tmp_path):
    wanted = dataclasses.replace(request(folder, tmp_path), judges=True)
    evaluation = job.evaluate(wanted, FEW[:1])
    notes = estimates(evaluation, "note_f1")
    assert notes["copy the source"] == 1
    assert notes["copy a band song"] < 0.9
    for key in ("kad_musicnn", "fad_musicnn"):
        assert len(estimates(evaluation, key)) == len(evaluation.rows)


@pytest.mark.usefixtures("networks")
def test_a_judge_that_cannot_be_had_is_one_sentence(monkeypatch):
    def missing():
        raise UserError("note F1 needs onnxruntime")

    monkeypatch.setattr(basic_pitch, "load", missing)
    warn = WarningLog()
    columns = judges.available_columns(warn)
    assert [entry.column.key for entry in columns] == ["kad_musicnn", "fad_musicnn"]
    assert warn.sentences == ["note F1 is left out: note F1 needs onnxruntime"]


def test_without_the_flag_no_judge_is_loaded(folder, tmp_path, monkeypatch, one_process):
    monkeypatch.setattr(judges, "available_columns", lambda warn: pytest.fail("loaded"))
    evaluation = job.evaluate(request(folder, tmp_path), FEW[:1])
    assert not estimates(evaluation, "note_f1")

"""Tests of the reports to TensorBoard at the end of a run: for which models, and their logged values."""

import pytest
import tensorflow as tf

from pipelines.training import domain_probe
from pipelines.training.callbacks import tensorboard
from tests.training import fakes
from tests.training.test_summaries import read


class StyledModel(fakes.TinyModel):
    style_encoder = None


class CodedModel(fakes.TinyModel):
    def content_codes(self, log_mels, domain):
        return log_mels[..., 0]


def write(folder, model):
    callback = tensorboard.Reports(folder, None, {})
    callback.set_model(model)
    callback.on_train_end()


@pytest.fixture
def written(monkeypatch):
    found = []
    monkeypatch.setattr(tensorboard.style_latents, "project", lambda logs, *_: found.append("songs"))
    monkeypatch.setattr(tensorboard.style_latents, "interpolate", lambda logs, *_: found.append("styles"))
    monkeypatch.setattr(tensorboard.domain_probe, "measure", lambda *_: domain_probe.Leakage(0.625, 0.96))
    return found


def test_a_model_of_neither_kind_has_no_report(written, tmp_path, capfd):
    write(tmp_path, fakes.TinyModel())
    assert written == []
    assert capfd.readouterr().err == ""
    assert not list(tmp_path.iterdir())


def test_styles_are_projected_and_interpolated(written, tmp_path):
    write(tmp_path, StyledModel())
    assert written == ["songs", "styles"]


def test_the_domain_leakage_is_said_and_logged(written, tmp_path, capfd):
    model = CodedModel()
    model.step.assign(7)
    write(tmp_path, model)
    assert "62% of the time from their content codes (50% is chance), 96%" in capfd.readouterr().err
    found = read(tmp_path)
    tags = {tag for tag in found if tag.startswith("domain_probe/")}
    assert tags == {"domain_probe/codes", "domain_probe/log_mel"}
    assert tf.make_ndarray(found["domain_probe/codes"].tensor) == pytest.approx(0.625)

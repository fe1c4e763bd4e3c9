"""Tests of the summaries at the end of a run: for which models they are made, and their logged values."""

import pytest
import tensorflow as tf

from pipelines.training import closing, leak
from pipelines.training.protocol import Coded, Styled
from tests.training import fakes
from tests.training.test_summaries import read


class StyledModel(fakes.TinyModel):
    style_encoder = None


class CodedModel(fakes.TinyModel):
    def coded(self, log_mels, domain):
        return log_mels[..., 0]


@pytest.fixture
def shown(monkeypatch):
    found = []
    monkeypatch.setattr(closing.projector, "show", lambda logs, *_: found.append("songs"))
    monkeypatch.setattr(closing.interpolation, "show", lambda logs, *_: found.append("styles"))
    monkeypatch.setattr(closing.leak, "measure", lambda *_: leak.Leak(0.625, 0.96))
    return found


def test_a_model_of_neither_kind_has_nothing_to_show(shown, tmp_path, capfd):
    closing.show(tmp_path, None, fakes.TinyModel(), {})
    assert shown == []
    assert capfd.readouterr().err == ""
    assert not list(tmp_path.iterdir())


def test_styles_are_shown_and_played(shown, tmp_path):
    model = StyledModel()
    assert isinstance(model, Styled)
    closing.show(tmp_path, None, model, {})
    assert shown == ["songs", "styles"]


def test_the_leak_is_told_and_logged(shown, tmp_path, capfd):
    model = CodedModel()
    assert isinstance(model, Coded)
    model.step.assign(7)
    closing.show(tmp_path, None, model, {})
    assert "62% of the time by the codes of their notes (50% is chance), 96%" in capfd.readouterr().err
    found = read(tmp_path)
    assert {tag for tag in found if tag.startswith("leak/")} == {"leak/codes", "leak/log_mel"}
    assert tf.make_ndarray(found["leak/codes"].tensor) == pytest.approx(0.625)

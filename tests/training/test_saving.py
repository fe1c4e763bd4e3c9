"""Tests of saved translators: their files, and the choice and record of the best one across resumptions."""

import keras
import numpy as np
import pytest

from pipelines.errors import UserError
from pipelines.nn.translator import load_style_encoder, load_translator
from pipelines.training.saving import Best
from pipelines.training.workdir import Workdir
from tests.training import fakes


def test_a_plain_model_keeps_its_translator_and_card(tmp_path):
    model = fakes.TinyModel()
    model.save_translator(tmp_path / "translator")
    assert load_translator(tmp_path / "translator").card == model.translator_card()
    with pytest.raises(UserError, match="without a style encoder"):
        load_style_encoder(tmp_path / "translator")


def test_a_styled_one_keeps_its_style_encoder_too(tmp_path, monkeypatch):
    def encoder(_):
        mels = keras.Input((None, fakes.SPEC.n_mels, 1))
        return keras.Model(mels, keras.ops.mean(mels, axis=2))

    monkeypatch.setattr(fakes.TinyModel, "style_encoder", property(encoder), raising=False)
    model = fakes.TinyModel()
    model.save_translator(tmp_path / "translator")
    mels = fakes.batch_of(0)["band"]
    found = load_style_encoder(tmp_path / "translator")(mels)
    np.testing.assert_allclose(found, mels.numpy().mean(axis=2), atol=1e-6)


@pytest.fixture
def workdir(tmp_path):
    return Workdir(tmp_path)


def offer(best, step, **scores):
    """The folders that were saved to."""
    saved = []
    best.update(step, {name.replace("_", "/", 1): value for name, value in scores.items()}, saved.append)
    return saved


def test_only_what_is_better_is_saved(workdir, capfd):
    best = Best.of(workdir, "style/kad")
    saved = [offer(best, step, style_kad=value) for step, value in enumerate([5.0, 6.0, 4.0, 4.0], 1)]
    assert saved == [[workdir.best], [], [workdir.best], []]
    assert str(best).startswith("the best style/kad was 4.0000 at step 3")
    assert capfd.readouterr().err.count("the best style/kad so far") == 2


def test_a_later_part_of_the_run_goes_on(workdir):
    offer(Best.of(workdir, "style/kad"), 1, style_kad=5.0)
    for name in (None, "style/kad"):
        assert not offer(Best.of(workdir, name), 2, style_kad=5.5)
    assert offer(Best.of(workdir, None), 3, style_kad=4.5)


def test_the_wish_is_remembered_before_anything_was_measured(workdir):
    Best.of(workdir, "style/p_band")
    assert offer(Best.of(workdir, None), 1, style_p_band=0.0) == [workdir.best]


def test_another_metric_begins_anew_and_says_so(workdir, capfd):
    offer(Best.of(workdir, "style/kad"), 1, style_kad=5.0)
    assert offer(Best.of(workdir, "style/p_band"), 2, style_kad=6.0, style_p_band=0.1)
    assert "was the best by style/kad; from now on it is by style/p_band" in capfd.readouterr().err


def test_no_wish_keeps_nothing_and_a_damaged_record_is_none(workdir):
    assert Best.of(workdir, None) is None
    workdir.best_record.write_text('{"metric": ')
    assert Best.of(workdir, None) is None
    assert offer(Best.of(workdir, "style/kad"), 1, style_kad=5.0)


def test_a_metric_that_is_not_measured_is_one_sentence(workdir, capfd):
    best = Best.of(workdir, "style/kad")
    assert offer(best, 1, style_p_band=0.5) == offer(best, 2) == []
    assert capfd.readouterr().err.count("is not written: style/kad is not measured") == 1
    assert str(best) == "nothing was kept: style/kad was never measured"

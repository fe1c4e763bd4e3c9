import dataclasses

import numpy as np
import pytest

from pipelines import configuration
from pipelines.errors import UserError
from tests.contracts import randomize
from tests.shrinking import shrunk
from tests.transcriber.content_decoder.tiny import undecided_transcriber
from tests.vaegan.base import tiny
from vaegan.base import checkpoint
from vaegan.base.config import base_tiny
from vaegan.config import vaegan_base
from vaegan.model import VAEGAN


def of_band(spec=tiny.SPEC, **groups):
    return VAEGAN(shrunk(vaegan_base(), spec, tiny.SIZES, groups), undecided_transcriber())


@pytest.fixture
def base(tmp_path):
    model = tiny.model()
    for network in (model.encoder, model.decoder, model.discriminator):
        randomize(network)
    checkpoint.save(tmp_path / "base.npz", model, {"steps": 7})
    return model, tmp_path / "base.npz"


def test_a_bands_model_starts_from_it(base):
    model, path = base
    ours = of_band()
    checkpoint.start_from(ours, path)
    for name in ("encoder", "decoder", "discriminator"):
        for a, b in zip(getattr(ours, name).get_weights(), getattr(model, name).get_weights(), strict=True):
            np.testing.assert_array_equal(a, b)
    levels = [each.content_encoders["content"].get_layer("level").get_weights() for each in (ours, model)]
    np.testing.assert_array_equal(levels[0], levels[1])
    assert checkpoint.facts(path) == {"steps": 7}


def test_a_band_is_heard(base):
    ours = of_band()
    checkpoint.start_from(ours, base[1])
    clips = np.random.default_rng(0).normal(-0.4, 0.2, (3, 32, tiny.SPEC.n_mels, 1)).astype(np.float32)
    ours.set_band(clips)
    statistics = ours.decoder.get_layer("band_statistics")
    np.testing.assert_allclose(statistics.mean[:, 0], clips.mean(axis=(0, 1, 3)), atol=1e-5)
    latents, _ = ours.encoder(clips)
    latent = ours.translator.get_layer("latent").latent
    np.testing.assert_allclose(latent, np.mean(latents, axis=(0, 1)), atol=1e-5)
    assert np.abs(latent).max() > 1e-3


def test_other_sizes_are_refused(base):
    with pytest.raises(
        UserError, match=r"base.npz has another decoder than the model: choose --preset vaegan_base"
    ):
        checkpoint.start_from(of_band(decoder={"width": 24}), base[1])


def test_another_spec_is_refused(base):
    with pytest.raises(UserError, match=r"base.npz"):
        checkpoint.start_from(of_band(dataclasses.replace(tiny.SPEC, fmax=7000.0)), base[1])


def test_anything_else_is_refused(tmp_path):
    (tmp_path / "base.npz").write_bytes(b"no weights")
    with pytest.raises(UserError, match="holds no base"):
        checkpoint.start_from(of_band(), tmp_path / "base.npz")


def test_the_whole_view_is_present_by_default():
    view = of_band().translator.get_layer("view")
    log_mel = np.random.default_rng(0).normal(-0.4, 0.2, (1, 32, tiny.SPEC.n_mels, 1)).astype(np.float32)
    sure = np.where(np.arange(179) < 44, 9.0, -9.0).astype(np.float32) * np.ones((1, 32, 1), np.float32)
    for closeness, expected in ((0.0, 0.0), (0.25, 0.5), (0.5, 1.0), (1.0, 1.0)):
        *_, present = view([log_mel, sure, np.array([closeness], np.float32)])
        np.testing.assert_allclose(present, expected, atol=1e-5)


@pytest.mark.parametrize("change", ["decoder.levels=true", "loss.levels=0.4"])
def test_a_base_has_no_levels(change):
    with pytest.raises(UserError, match=f"{change} is not possible: a base has no"):
        configuration.apply(base_tiny(), [change])

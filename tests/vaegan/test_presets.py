import pytest

from pipelines import configuration
from pipelines.errors import UserError
from vaegan.config import PRESETS
from vaegan.networks import build_decoder, build_discriminator, build_encoder

# Parameters, at most: of encoder, decoder and discriminator.
LIMITS = {
    "vaegan_tiny": (1e6, 5e6, 4e5),
    "vaegan_dynamics": (1e6, 5e6, 4e5),
    "vaegan_larsen": (1e6, 5e6, 4e5),
    "vaegan_base": (2e6, 5e6, 4e5),
}


@pytest.mark.parametrize("name", PRESETS)
def test_its_networks_build_and_are_no_larger_than_stated(name):
    config = PRESETS[name].config()
    assert config.preset == name
    encoder, decoder = build_encoder(config.encoder, config.spec), build_decoder(config)
    assert decoder.output_shape == encoder.input_shape == (None, None, config.spec.n_mels, 1)
    networks = (encoder, decoder, build_discriminator(config.discriminator, config.data.frames, config.spec))
    for network, limit in zip(networks, LIMITS[name], strict=True):
        assert 1e4 < network.count_params() < limit


@pytest.mark.parametrize("change", ["data.frames=120", "decoder.time_stride=3"])
def test_sizes_that_do_not_fit_are_told(change):
    with pytest.raises(UserError, match=f"{change} is not possible: .* must be a multiple of"):
        configuration.apply(PRESETS["vaegan_tiny"].config(), [change])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (["decoder.noise=6"], "decoder.noise must be a multiple of 4"),
        (["decoder.bound=0"], "decoder.bound must be above 0"),
        (["decoder.details=true", "decoder.refiner=0"], "there must be a refiner"),
        (["loss.levels=0.4"], "loss.levels needs decoder.levels"),
        (["loss.margin=0.3"], "loss.margin is for loss.adversarial=minimax"),
        (["data.frames=127", "encoder.time_stride=1", "decoder.time_stride=1"], "data.frames of 2"),
        (["spec.n_mels=81"], "n_mels must be a multiple of 4"),
    ],
)
def test_other_settings_that_cannot_be_trained_with_are_refused(changes, message):
    with pytest.raises(UserError, match=message):
        configuration.apply(PRESETS["vaegan_tiny"].config(), changes)


def test_strides_of_the_encoder_and_of_clips_can_be_changed_together():
    changes = ["encoder.time_stride=12", "data.frames=132"]
    config = configuration.apply(PRESETS["vaegan_tiny"].config(), changes)
    assert (config.encoder.time_stride, config.data.frames) == (12, 132)


@pytest.mark.parametrize("name", PRESETS)
def test_overrides_reach_every_group_and_come_back_from_json(name):
    changes = ["encoder.latent=3", "loss.adversarial=minimax", "content.noise=0", "steps=7"]
    config = configuration.apply(PRESETS[name].config(), changes)
    assert (config.encoder.latent, config.loss.adversarial) == (3, "minimax")
    assert (config.content.noise, config.steps) == (0.0, 7)
    assert configuration.from_dict(type(config), configuration.to_dict(config)) == config

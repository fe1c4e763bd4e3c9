import pytest

from pipelines import configuration
from pipelines.errors import UserError
from vaegan.config import PRESETS
from vaegan.networks import build_decoder, build_discriminator, build_encoder

# Parameters, at most: of encoder, decoder and discriminator.
LIMITS = {
    "vaegan_tiny": (1e6, 5e6, 4e5),
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


@pytest.mark.parametrize("name", PRESETS)
def test_overrides_reach_every_group_and_come_back_from_json(name):
    changes = ["encoder.latent=3", "loss.adversarial=minimax", "content.noise=0", "steps=7"]
    config = configuration.apply(PRESETS[name].config(), changes)
    assert (config.encoder.latent, config.loss.adversarial) == (3, "minimax")
    assert (config.content.noise, config.steps) == (0.0, 7)
    assert configuration.from_dict(type(config), configuration.to_dict(config)) == config

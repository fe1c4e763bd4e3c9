import pytest

from pipelines import configuration
from pipelines.errors import UserError
from vaegan.disentangled import networks
from vaegan.disentangled.config import PRESETS

# Parameters, at most: of style encoder, learned codes and decoder.
LIMITS = {"disentangled_tiny": (1e6, 1e6, 5e6)}


@pytest.mark.parametrize("name", PRESETS)
def test_its_networks_build_and_are_no_larger_than_stated(name):
    config = PRESETS[name].config()
    assert config.preset == name
    stride = config.decoder.time_stride
    style = networks.build_style_encoder(config.style, config.spec)
    codes = networks.build_learned_codes(config.codes, stride, config.spec)
    channels = networks.build_transcriber_codes(stride).output_shape[-1]
    decoder = networks.build_decoder(config.decoder, channels, config.style.size, config.spec, "decoder")
    assert style.output_shape == (None, None, config.style.size)
    for network, limit in zip((style, codes, decoder), LIMITS[name], strict=True):
        assert 1e4 < network.count_params() < limit


@pytest.mark.parametrize("change", ["data.frames=144", "decoder.time_stride=3"])
def test_sizes_that_do_not_fit_are_told(change):
    with pytest.raises(UserError, match=f"{change} is not possible: .* must be a multiple of"):
        configuration.apply(PRESETS["disentangled_tiny"].config(), [change])


def test_overrides_reach_every_group_and_come_back_from_json():
    changes = ["codes.source=learned", "style.size=3", "loss.back_translation=0", "discriminator.scales=1"]
    config = configuration.apply(PRESETS["disentangled_tiny"].config(), changes)
    assert (config.codes.source, config.style.size, config.loss.back_translation) == ("learned", 3, 0.0)
    assert configuration.from_dict(type(config), configuration.to_dict(config)) == config

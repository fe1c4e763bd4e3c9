import pytest

from pipelines import configuration
from pipelines.errors import UserError
from vaegan.networks import build_discriminator
from vaegan.shared_latent.config import PRESETS
from vaegan.shared_latent.networks import build_decoder, build_encoder

# Parameters, at most: of the encoder, of a decoder and of a discriminator.
LIMITS = {"shared_latent_tiny": (2e6, 4e6, 1e6)}


@pytest.mark.parametrize("name", PRESETS)
def test_its_networks_build_and_are_no_larger_than_stated(name):
    config = PRESETS[name].config()
    assert config.preset == name
    encoder, decoder = build_encoder(config.encoder, config.spec), build_decoder(config, "decoder")
    assert decoder.output_shape == encoder.input_shape == (None, None, config.spec.n_mels, 1)
    networks = (encoder, decoder, build_discriminator(config.discriminator, config.data.frames, config.spec))
    for network, limit in zip(networks, LIMITS[name], strict=True):
        assert 1e4 < network.count_params() < limit


def test_sizes_that_do_not_fit_are_told():
    change = "data.frames=126"
    with pytest.raises(UserError, match=f"{change} is not possible: .* must be a multiple of"):
        configuration.apply(PRESETS["shared_latent_tiny"].config(), [change])

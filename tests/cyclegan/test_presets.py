import pytest
import tensorflow as tf

from cyclegan.config import PRESETS
from pipelines import configuration
from pipelines.errors import UserError
from pipelines.nn.discriminators import MultiScaleDiscriminator
from pipelines.nn.generator import build_generator

# Trainable parameters, at most: of one generator, of one discriminator.
LIMITS = {"cyclegan_tiny": (8e6, 1e6), "cyclegan_held": (8e6, 1e6)}


@pytest.mark.parametrize("name", PRESETS)
def test_its_networks_build_and_are_no_larger_than_stated(name):
    config = PRESETS[name].config()
    assert config.preset == name
    generator = build_generator(config.generator, config.spec, "generator")
    assert generator.input_shape == generator.output_shape == (None, None, config.spec.n_mels, 1)
    sizes = config.discriminator
    discriminator = MultiScaleDiscriminator(sizes.channels, sizes.depth, sizes.scales)
    discriminator(tf.zeros((1, config.data.frames, config.spec.n_mels, 1)))
    for network, limit in zip((generator, discriminator), LIMITS[name], strict=True):
        assert 1e4 < network.count_params() < limit


@pytest.mark.parametrize("change", ["data.frames=62", "spec.n_mels=254", "generator.mel_stride=3"])
def test_sizes_that_do_not_fit_are_told(change):
    with pytest.raises(UserError, match=f"{change} is not possible: .* must be a multiple of generator"):
        configuration.apply(PRESETS["cyclegan_tiny"].config(), [change])


@pytest.mark.parametrize("name", PRESETS)
def test_overrides_reach_every_group_and_come_back_from_json(name):
    changes = ["generator.blocks=2", "loss.cycle_gradient=true", "discriminator.loss=hinge", "steps=7"]
    config = configuration.apply(PRESETS[name].config(), changes)
    assert (config.generator.blocks, config.loss.cycle_gradient) == (2, True)
    assert (config.discriminator.loss, config.steps) == ("hinge", 7)
    assert configuration.from_dict(type(config), configuration.to_dict(config)) == config


def test_an_unknown_field_names_its_neighbour():
    with pytest.raises(UserError, match=r"generator\.blocks"):
        configuration.apply(PRESETS["cyclegan_tiny"].config(), ["generator.block=2"])


def test_a_choice_that_is_none_names_the_others():
    with pytest.raises(UserError, match="layer, rms, none"):
        configuration.apply(PRESETS["cyclegan_tiny"].config(), ["generator.norm=batch"])

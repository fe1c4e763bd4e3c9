import pytest

from pipelines import configuration
from pipelines.errors import UserError
from pipelines.nn.generator import build_generator
from styletransfer.feedforward.config import PRESETS

# Trainable parameters, at most.
LIMITS = {"styletransfer_tiny": 8e6}


@pytest.mark.parametrize("name", PRESETS)
def test_its_network_builds_and_is_no_larger_than_stated(name):
    config = PRESETS[name].config()
    assert config.preset == name
    network = build_generator(config.generator, config.spec, "transform")
    assert 1e6 < network.count_params() < LIMITS[name]
    assert config.data.frames > max(config.perceptual.widths)


def test_sizes_that_do_not_fit_are_told():
    with pytest.raises(UserError, match=r"data\.frames=62 is not possible: .* must be a multiple of"):
        configuration.apply(PRESETS["styletransfer_tiny"].config(), ["data.frames=62"])


@pytest.mark.parametrize("name", PRESETS)
def test_overrides_reach_every_group_and_come_back_from_json(name):
    changes = ["generator.blocks=1", "perceptual.style=transcriber", "perceptual.widths=1,7", "loss.style=2"]
    config = configuration.apply(PRESETS[name].config(), changes)
    assert (config.generator.blocks, config.perceptual.style, config.loss.style) == (1, "transcriber", 2.0)
    assert config.perceptual.widths == (1, 7)
    assert configuration.from_dict(type(config), configuration.to_dict(config)) == config

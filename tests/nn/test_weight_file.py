import contextlib

import keras
import numpy as np
import pytest

from pipelines.errors import UserError
from pipelines.nn import weight_file


def network(units=3):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(units), keras.layers.Dense(2)])
    rng = np.random.default_rng(0)
    model.set_weights([rng.normal(size=weight.shape) for weight in model.get_weights()])
    return model


@pytest.fixture
def path(tmp_path):
    weight_file.write(tmp_path / "new/filter.npz", network().get_weights(), {"card": "{}"})
    return tmp_path / "new/filter.npz"


def test_what_is_written_comes_back(path):
    restored = network()
    for weight in restored.weights:
        weight.assign(keras.ops.zeros_like(weight))
    with weight_file.read(path, "filter") as stored:
        stored.restore(restored)
        assert stored.texts == {"card": "{}"}
    for ours, theirs in zip(restored.get_weights(), network().get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert not restored.trainable_variables
    assert [file.name for file in path.parent.iterdir()] == ["filter.npz"]


def test_another_network_s_weights_are_refused(path):
    with pytest.raises(UserError, match="holds no filter"), weight_file.read(path, "filter") as stored:
        stored.restore(network(units=5))


def test_wherever_a_bit_is_flipped_it_loads_or_is_refused(path):
    data = path.read_bytes()
    for place in range(len(data)):
        path.write_bytes(data[:place] + bytes([data[place] ^ 0x15]) + data[place + 1 :])
        with contextlib.suppress(UserError), weight_file.read(path, "filter"):
            pass

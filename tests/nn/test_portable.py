import json

import keras

from pipelines.nn.portable import portable


def test_what_a_newer_keras_adds_without_effect_is_left_out_and_all_else_stays():
    axes = {"input_axes": None, "output_axes": None}
    plan = {"layers": [{"config": {"seed": None, **axes, "optional": False, "quantization_config": None}}]}
    assert json.loads(portable(json.dumps(plan))) == {"layers": [{"config": {"seed": None}}]}
    telling = json.dumps(
        {"config": {"input_axes": [0, 1], "optional": True, "quantization_config": {"bits": 8}}}
    )
    assert json.loads(portable(telling)) == json.loads(telling)


def test_a_network_is_loaded_from_it():
    network = keras.Sequential([keras.Input([4, 4, 1]), keras.layers.Conv2D(2, 3), keras.layers.Dense(3)])
    plan = portable(network.to_json())
    assert "input_axes" not in plan
    assert "quantization_config" not in plan
    assert keras.models.model_from_json(plan).output_shape == network.output_shape

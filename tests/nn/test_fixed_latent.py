import keras
import numpy as np

from pipelines.nn.fixed_latent import FixedLatent


def test_the_same_everywhere_and_saved_with_its_network(tmp_path):
    x = keras.Input((None, 4, 1))
    model = keras.Model(x, FixedLatent(3, 2, name="latent")(x))
    assert not np.any(model(np.ones((1, 2, 4, 1))))
    model.get_layer("latent").set_latent(np.array([1.0, 2.0, 3.0]))
    model.save(tmp_path / "model.keras")
    found = keras.saving.load_model(tmp_path / "model.keras")(np.zeros((2, 6, 4, 1)))
    np.testing.assert_array_equal(found, np.tile([1.0, 2.0, 3.0], (2, 3, 1)))
    assert not model.trainable_weights

import keras
import numpy as np

from pipelines.nn.quantile_map import PiecewiseLinear


def layer(x, y):
    built = PiecewiseLinear(len(x))
    built(np.zeros((1, 2), np.float32))
    built.set_points(np.array(x), np.array(y))
    return built


def test_it_is_numpy_s_interpolation():
    x, y = [-2.0, -0.5, 0.3, 4.0], [0.0, 0.1, 2.0, 2.5]
    values = np.linspace(-3, 5, 60, dtype=np.float32).reshape(3, 20)
    np.testing.assert_allclose(layer(x, y)(values), np.interp(values, x, y), atol=1e-5)


def test_points_that_coincide_do_not_make_it_infinite():
    found = layer([0.2, 0.2, 0.2], [-1.0, 0.0, 1.0])(np.linspace(0, 1, 9, dtype=np.float32))
    assert np.isfinite(found).all()
    np.testing.assert_allclose([found[0], found[-1]], [-1, 1], atol=1e-5)


def test_points_are_saved_with_it(tmp_path):
    x = keras.Input((None,))
    model = keras.Model(x, PiecewiseLinear(3, name="curve")(x))
    model.get_layer("curve").set_points(np.array([0.0, 1.0, 3.0]), np.array([5.0, 6.0, 9.0]))
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(loaded(np.array([[0.5, 2.0, 9.0]])), [[5.5, 7.5, 9.0]], atol=1e-5)

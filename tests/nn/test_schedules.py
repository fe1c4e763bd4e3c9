import numpy as np
import pytest
import tensorflow as tf

from pipelines.nn import schedules

PROGRESS = np.linspace(0, 1, 21, dtype=np.float32)


def test_linear_interpolates_between_its_ends():
    ours = schedules.linear(tf.constant(PROGRESS), 10.0, 2.0, 0.25, 0.75)
    np.testing.assert_allclose(ours, np.interp(PROGRESS, [0.25, 0.75], [10.0, 2.0]), atol=1e-5)


def rates(initial, hold, steps=PROGRESS * 20, **options):
    schedule = schedules.ConstantThenLinearDecay(initial, hold, 20.0, **options)
    return np.array([float(schedule(step)) for step in steps])


def test_the_rate_holds_and_then_falls_to_zero():
    ours = rates(1e-3, 0.5)
    np.testing.assert_allclose(ours, np.interp(PROGRESS, [0.5, 1.0], [1e-3, 0.0]), atol=1e-9)


@pytest.mark.parametrize(("progress", "expected"), [(0.49, 3.0), (0.51, 1.0)])
def test_an_interval_without_length_is_a_step(progress, expected):
    assert schedules.linear(tf.constant(progress), 3.0, 1.0, 0.5, 0.5).numpy() == pytest.approx(expected)


def test_a_rate_that_is_held_to_the_end_never_falls():
    ours = rates(1e-3, 1.0)[:-1]
    np.testing.assert_allclose(ours, 1e-3, rtol=1e-6)


def test_follows_variables_inside_a_graph():
    total, gate = tf.Variable(4.0), tf.Variable(1.0)
    schedule = schedules.ConstantThenLinearDecay(1.0, 0.0, total, gate)
    rate = tf.function(lambda: schedule(tf.constant(1)))
    assert float(rate()) == 0.75
    total.assign(2.0)
    assert float(rate()) == 0.5
    gate.assign(0.0)
    assert float(rate()) == 0.0


def test_warms_up():
    np.testing.assert_allclose(rates(1.0, 1.0, range(6), warm_up=4), [0.25, 0.5, 0.75, 1.0, 1.0, 1.0])


def test_a_config_builds_an_equal_schedule():
    schedule = schedules.ConstantThenLinearDecay(0.5, 0.25, tf.Variable(8.0), warm_up=2)
    again = schedules.ConstantThenLinearDecay.from_config(schedule.get_config())
    assert [float(again(step)) for step in range(9)] == [float(schedule(step)) for step in range(9)]


def test_a_ramp_rises_from_its_begin_on():
    ours = schedules.ramp(tf.constant(PROGRESS), 0.25, 0.5)
    np.testing.assert_allclose(ours, np.interp(PROGRESS, [0.25, 0.75], [0.0, 1.0]), atol=1e-6)


@pytest.mark.parametrize(("progress", "expected"), [(0.0, 0.0), (0.49, 0.0), (0.5, 1.0), (1.0, 1.0)])
def test_a_ramp_without_length_is_a_step(progress, expected):
    assert float(schedules.ramp(tf.constant(progress), 0.5, 0.0)) == expected

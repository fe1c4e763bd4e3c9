"""The progress line."""

from pipelines.training import meter
from pipelines.training.budget import Budget


def test_a_few_losses_on_one_line():
    losses = {
        "cycle/band": 0.1,
        "cycle/content": 0.3,
        "total": 2.0,
        "rate/generator": 1e-4,
        "weight/identity": 5.0,
    }
    assert meter.brief(losses) == "cycle 0.2, total 2"
    assert meter.brief({f"loss_{i}": 1.0 for i in range(9)}).count(",") == 3


def test_steps_speed_and_losses_are_shown(capfd):
    bar = meter.Meter(Budget(steps=40), first=10)
    assert bar.update(30, 5.0, {"cycle": 0.25}) > 0
    bar.close()
    shown = capfd.readouterr().err
    assert "30/40" in shown
    assert "cycle 0.25" in shown


def test_a_timed_run_shows_the_steps_to_expect(capfd):
    bar = meter.Meter(Budget(minutes=1), first=0)
    bar.update(5, 60.0, {})
    bar.close()
    assert "5/5" in capfd.readouterr().err

"""Settings changed by key=value, and their way through JSON."""

from __future__ import annotations

import dataclasses
import json
from typing import Literal

import pytest

from pipelines import configuration
from pipelines.errors import UserError


@dataclasses.dataclass(frozen=True)
class Data:
    frames: int = 128
    shuffle: bool = True
    ratios: tuple[float, ...] = (1.0, 2.0)
    kernel: tuple[int, int] = (3, 3)


@dataclasses.dataclass(frozen=True)
class Optimizer:
    rate: float = 1e-3
    clip: float | None = 5.0
    kind: Literal["adam", "sgd"] = "adam"

    def __post_init__(self):
        if self.rate < 0:
            raise ValueError("rate is below zero")


@dataclasses.dataclass(frozen=True)
class Pair:
    low: int = 1
    high: int = 2

    def __post_init__(self):
        if self.low >= self.high:
            raise ValueError("low is not below high")


@dataclasses.dataclass(frozen=True)
class Config:
    name: str = "base"
    data: Data = Data()
    optimizer: Optimizer = Optimizer()


def test_every_kind_of_value():
    changes = [
        "name=mine=1", "data.frames=64", "data.shuffle=no", "data.ratios=1,2.5, 4", "data.kernel=(5, 1)",
        "optimizer.rate=2e-4", "optimizer.clip=none", "optimizer.kind=sgd",
    ]  # fmt: skip
    assert configuration.apply(Config(), changes) == Config(
        "mine=1", Data(64, False, (1.0, 2.5, 4.0), (5, 1)), Optimizer(2e-4, None, "sgd")
    )


def test_the_original_stays_and_the_last_change_wins():
    config = Config()
    assert configuration.apply(config, ["data.frames=1", "data.frames=2"]).data.frames == 2
    assert config == Config()
    assert configuration.apply(config, []) == config


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("data.frames", "write it as key=value"),
        ("data.frame=3", r"there is no such key; did you mean data\.frames"),
        ("frames=3", r"did you mean data\.frames\?"),
        ("data=3", r"did you mean data\.frames or data\.shuffle"),
        ("name.first=3", "there is no such key"),
        ("zzzz=3", r"the keys are name, data\.frames"),
        ("data.frames=3.5", "data.frames=3.5: this is a whole number"),
        ("optimizer.rate=fast", "optimizer.rate=fast: this is a number"),
        ("data.shuffle=perhaps", "this is true or false"),
        ("data.kernel=3", "this takes 2 values"),
        ("optimizer.kind=lion", "choose one of adam, sgd"),
        ("optimizer.rate=-1", "is not possible: rate is below zero"),
    ],
)
def test_mistakes_are_one_sentence(change, message):
    with pytest.raises(UserError, match=message):
        configuration.apply(Config(), [change])


def test_changes_that_fit_together_are_possible_in_any_order():
    for changes in (["low=5", "high=6"], ["high=6", "low=5"]):
        assert configuration.apply(Pair(), changes) == Pair(5, 6)
    with pytest.raises(UserError, match="--set low=5 --set high=4 is not possible: low is not below high"):
        configuration.apply(Pair(), ["low=5", "high=4"])


def test_through_json_and_back():
    config = configuration.apply(Config(), ["data.ratios=1,3,5", "optimizer.clip=none"])
    assert configuration.from_dict(Config, json.loads(json.dumps(configuration.to_dict(config)))) == config


def test_a_configuration_of_another_version():
    values = configuration.to_dict(Config())
    values["data"] = {"frames": 1, "shuffle": True, "ratios": [1.0], "mels": 3}
    with pytest.raises(UserError, match="another version of Coverband \\(kernel, mels\\)"):
        configuration.from_dict(Config, values)
    with pytest.raises(UserError, match="optimizer is not a group"):
        configuration.from_dict(Config, configuration.to_dict(Config()) | {"optimizer": 3})


def test_flat_has_dotted_keys():
    assert configuration.flat({"a": 1, "b": {"c": 2, "d": {"e": 3}}}) == {"a": 1, "b.c": 2, "b.d.e": 3}

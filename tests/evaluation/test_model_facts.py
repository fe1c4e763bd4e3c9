import json
from pathlib import Path

import pytest

from pipelines.data.schema import DomainManifest, Manifest, Settings, SongRecord
from pipelines.errors import UserError
from pipelines.evaluation import model_facts


def _song(name: str, split: str, seconds: float) -> SongRecord:
    return SongRecord(name, split, seconds, -20.0, 0.0, False, 1, "shard")


@pytest.fixture
def evaluation(tmp_path: Path) -> Path:
    def row(key: str, kind: str) -> dict:
        estimates = {"lsd": {"mean": 6.2, "low": 6.0, "high": 6.5}}
        return {"method": {"key": key, "kind": kind}, "estimates": estimates}

    columns = [{"key": "lsd", "name": "LSD", "unit": "dB"}]
    rows = [row("copy", "baseline"), row("mine", "model"), row("other", "model")]
    plain = {"settings": {"songs": "3"}, "columns": columns, "rows": rows}
    (tmp_path / "evaluation.json").write_text(json.dumps(plain))
    return tmp_path


def test_data_counts_what_was_trained_on(tmp_path: Path):
    songs = (_song("a", "train", 60.0), _song("b", "train", 33.0), _song("c", "valid", 600.0))
    domains = {"content": DomainManifest(songs), "band": DomainManifest(songs[:1])}
    Manifest(Settings(), domains).save(tmp_path)
    wanted = {"content": {"songs": 2, "minutes": 1.6}, "band": {"songs": 1, "minutes": 1.0}}
    assert model_facts.data(tmp_path) == wanted


def test_scores_are_those_of_the_model(evaluation: Path):
    found = model_facts.scores(evaluation, "mine")
    assert found == {
        "settings": {"songs": "3"},
        "numbers": {"LSD, dB": {"mean": 6.2, "low": 6.0, "high": 6.5}},
    }


def test_what_is_not_named_is_not_stated():
    assert model_facts.data(None) == model_facts.scores(None, "mine") == "not stated"


@pytest.mark.parametrize(("contents", "message"), [(None, "no row of third"), ("{}", "missing or damaged")])
def test_other_evaluations_are_one_sentence(evaluation: Path, contents: str | None, message: str):
    if contents:
        (evaluation / "evaluation.json").write_text(contents)
    with pytest.raises(UserError, match=message):
        model_facts.scores(evaluation, "third")

from pathlib import Path

import pytest

from pipelines.data.survey import preparation_check
from pipelines.data.survey.preparation_check import PreparationCheck
from tests.data.survey.fakes import report, songs


@pytest.mark.parametrize(("instrumental", "warned"), [(False, True), (True, False)])
def test_the_singer_who_is_not_prepared_is_no_difference(
    monkeypatch: pytest.MonkeyPatch, instrumental: bool, warned: bool
):
    found = report(songs("content", 6), songs("band", 6, voice=0.4))
    monkeypatch.setattr(preparation_check, "survey", lambda folders, jobs: found)
    folders = {"content": Path("songs"), "band": Path("my band")}
    check = PreparationCheck(folders, 1, (), instrumental_band=instrumental)
    assert check.advice() == ""
    check.excluded()
    assert ("singing (an estimate)" in check.advice()) == warned

"""Tests of the table of reference scores; the loop's own tests cover measuring and keeping."""

from pipelines.training.evaluation import compared


def test_the_table_says_which_way_is_better():
    lines = compared({"style/kad": 40.0, "content/onset_f1": 1.0}, {"style/kad": 1.25}).splitlines()
    assert "| style/kad | less | 40.000 | 1.250 |" in lines
    assert "| content/onset_f1 | more | 1.000 | - |" in lines
    assert len(lines) == 2 + 6

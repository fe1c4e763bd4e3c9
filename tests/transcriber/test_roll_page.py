import json
import re

import numpy as np

from transcriber import roll_page

NOTES = np.array([[0.5, 1.0, 60.0], [0.75, 1.25, 64.0]])
STROKES = np.array([[0.5, 0.0], [1.0, 2.0]])


def _page(**changes):
    arguments = {
        "title": "a <song>",
        "notes": NOTES,
        "velocities": np.array([80, 100]),
        "strokes": STROKES,
        "beats": np.array([0.5, 1.0, 1.5]),
        "seconds": 2.0,
    }
    return roll_page.page(**{**arguments, **changes}).decode()


def _data(page):
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page)[1])


def test_the_page_has_all_notes_strokes_and_beats():
    assert _data(_page()) == {
        "notes": [[0.5, 1.0, 60.0, 80.0], [0.75, 1.25, 64.0, 100.0]],
        "strokes": [[0.5, 0.0], [1.0, 2.0]],
        "beats": [0.5, 1.0, 1.5],
        "seconds": 2.0,
    }


def test_titles_are_escaped_and_nothing_is_loaded():
    page = _page()
    assert "a &lt;song&gt;" in page
    assert "<song>" not in page
    assert "default-src 'none'" in page
    assert not re.search(r'(src|href)="', page)


def test_facts_in_words():
    assert "120 a minute" in _page()
    assert "not found" in _page(beats=np.zeros(0))


def test_a_song_without_notes():
    page = _page(notes=np.zeros((0, 3)), velocities=np.zeros(0, np.int64), strokes=np.zeros((0, 2)))
    assert _data(page)["notes"] == []

"""Questions of the listening test, and the named regions of its rating scale."""

from __future__ import annotations

import dataclasses
from typing import Literal

QuestionKey = Literal["content", "style"]
"""Axis that a question rates: content that is kept, or style that is reached."""

REGIONS = ("not at all", "a little", "partly", "mostly", "fully")
"""Names of the five regions of the scale, each 20 points wide, from 0 to 100.

The scale is BS.1534's; its names (bad to excellent) rate quality and would not answer these questions.
"""


@dataclasses.dataclass(frozen=True)
class Question:
    """Question that a trial asks about every sound.

    Attributes:
        key: of the axis.
        title: the question.
        explanation: what to compare and what to ignore.
        hidden: sentence for trials with a hidden reference.
        reference: label of an open reference.
    """

    key: QuestionKey
    title: str
    explanation: str
    hidden: str
    reference: str


QUESTIONS: tuple[Question, ...] = (
    Question(
        "content",
        "Is it the same song?",
        "Compare each sound with the reference, the original song: melody, harmony, rhythm and words. Other "
        "instruments or another recording do not matter.",
        "One of the sounds is the reference itself: give it 100.",
        "Original song",
    ),
    Question(
        "style",
        "Is it this band?",
        "Compare each sound with the references, other songs of the band: instruments, playing and "
        "recording. That it is another song does not matter.",
        "One of the sounds is the band's own recording: give it 100.",
        "The band",
    ),
)
"""Both questions in the order of the result's columns."""

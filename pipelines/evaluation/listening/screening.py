"""Post-screening of participants by the hidden reference (ITU-R BS.1534-3)."""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.evaluation.listening.answers import Participant
from pipelines.evaluation.listening.key import Key
from pipelines.evaluation.listening.questions import QUESTIONS, Question, QuestionKey

CHOICES: dict[str, tuple[QuestionKey, ...]] = {
    "both": ("content", "style"),
    "content": ("content",),
    "style": ("style",),
    "none": (),
}
"""Questions of each choice of the post-screening."""

LOWEST_RATING = 90.0
"""A rating of the hidden reference below it is a miss."""
LARGEST_SHARE = 0.15
"""A participant with a larger share of misses is excluded."""

RULE = (
    f"a participant is excluded who rates the hidden reference below {LOWEST_RATING:g} in more than "
    f"{LARGEST_SHARE:.0%} of a question's trials (BS.1534)"
).replace("%", "\N{NO-BREAK SPACE}%")
"""The rule, a clause for readers. BS.1534's other rule, about its mid-range anchor, does not apply: the test
has other anchors."""


def screen(
    participants: Sequence[Participant], key: Key, questions: Sequence[QuestionKey]
) -> tuple[list[Participant], dict[str, str]]:
    """Applies `RULE` to the trials of some questions; trials without a hidden reference do not count.

    Args:
        participants: with their ratings.
        key: of the test.
        questions: the questions whose hidden reference counts; none excludes nobody.

    Returns:
        The participants that remain, and the reasons of exclusion by participant's name.
    """
    excluded: dict[str, str] = {}
    for participant in participants:
        reasons = [
            reason
            for question in QUESTIONS
            if question.key in questions and (reason := _reason(participant, key, question))
        ]
        if reasons:
            excluded[participant.name] = " and ".join(reasons)
    return [each for each in participants if each.name not in excluded], excluded


def _reason(participant: Participant, key: Key, question: Question) -> str:
    """Reason for an exclusion by one question; empty if there is none."""
    ratings = [
        participant.ratings[name][trial.hidden_reference]
        for name, trial in key.trials.items()
        if trial.question == question.key and trial.hidden_reference and name in participant.ratings
    ]
    missed = sum(rating < LOWEST_RATING for rating in ratings)
    if not ratings or missed / len(ratings) <= LARGEST_SHARE:
        return ""
    return (
        f"the hidden reference has less than {LOWEST_RATING:g} in {missed} of {len(ratings)} trials of "
        f"“{question.title}”"
    )

"""Report of `coverband survey` as the page shows it: what there is, and which songs to remove."""

from __future__ import annotations

from typing import Any, TypedDict

from coverband.studio.home import Band, Home, read_json

_DOMAINS = ("content", "band")


class Amount(TypedDict):
    """Amount of music of a domain."""

    songs: int
    minutes: float
    usable_songs: int
    usable_minutes: float
    amount: str


class Unsuitable(TypedDict):
    """Song that is better removed."""

    domain: str
    name: str
    why: str


class Survey(TypedDict):
    """Survey of a band's songs and the generic ones, by domain."""

    stale: bool
    domains: dict[str, Amount]
    seconds: dict[str, dict[str, float]]
    remove: list[Unsuitable]
    learned: list[str]


def to_json(home: Home, band: Band) -> Survey | None:
    """JSON object of a band's survey; None before the first one, or if it is of another version.

    Songs that were removed since are left out. `stale` is true if songs were added or removed since.
    """
    try:
        return _view(read_json(band.survey), home, band)
    except KeyError:
        return None


def _view(report: dict[str, Any], home: Home, band: Band) -> Survey:
    present = {"content": set(home.generic.names()), "band": set(band.songs.names())}
    known: dict[str, set[str]] = {domain: set() for domain in _DOMAINS}
    for song in report["songs"]:
        known[song["domain"]].add(song["name"])
    unreadable: list[Unsuitable] = [
        {"domain": domain, "name": item["file"], "why": item["why"]}
        for domain in _DOMAINS
        for item in report["domains"][domain]["unreadable"]
    ]
    for item in unreadable:
        known[item["domain"]].add(item["name"])
    excluded: list[Unsuitable] = [
        {"domain": domain, "name": name, "why": why}
        for domain in _DOMAINS
        for name, why in report["excluded"][domain].items()
    ]
    return {
        "stale": known != present,
        "domains": {domain: _domain(report["domains"][domain]) for domain in _DOMAINS},
        "seconds": {
            domain: {song["name"]: song["seconds"] for song in report["songs"] if song["domain"] == domain}
            for domain in _DOMAINS
        },
        "remove": [item for item in (*unreadable, *excluded) if item["name"] in present[item["domain"]]],
        "learned": report["advice"]["learned"],
    }


def _domain(values: dict[str, Any]) -> Amount:
    return {
        "songs": values["songs"],
        "minutes": values["minutes"],
        "usable_songs": values["usable_songs"],
        "usable_minutes": values["usable_minutes"],
        "amount": values["amount"],
    }

"""Report of `coverband survey` as the page shows it: what there is, and which songs to remove."""

from __future__ import annotations

from typing import Any

from coverband.studio.home import Band, Home, read_json

_DOMAINS = ("content", "band")


def to_json(home: Home, band: Band) -> dict[str, Any] | None:
    """JSON object of a band's survey; None before the first one, or if it is of another version.

    Songs that were removed since are left out. `stale` is true if songs were added or removed since.
    """
    try:
        return _view(read_json(band.survey), home, band)
    except KeyError:
        return None


def _view(report: dict[str, Any], home: Home, band: Band) -> dict[str, Any]:
    present = {"content": set(home.generic.names()), "band": set(band.songs.names())}
    known: dict[str, set[str]] = {domain: set() for domain in _DOMAINS}
    for song in report["songs"]:
        known[song["domain"]].add(song["name"])
    unreadable = [
        {"domain": domain, "name": item["file"], "why": item["why"]}
        for domain in _DOMAINS
        for item in report["domains"][domain]["unreadable"]
    ]
    for item in unreadable:
        known[item["domain"]].add(item["name"])
    excluded = [
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


def _domain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in ("songs", "minutes", "usable_songs", "usable_minutes", "amount")}

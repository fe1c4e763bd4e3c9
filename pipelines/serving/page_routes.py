"""Routes of the web page, whose files load nothing from other hosts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from importlib import resources

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_FILES = {
    "/": ("page.html", "text/html"),
    "/page.css": ("page.css", "text/css"),
    "/page.js": ("page.js", "text/javascript"),
    "/spectrogram.js": ("spectrogram.js", "text/javascript"),
    "/player.js": ("player.js", "text/javascript"),
}

# No content from other hosts, no inline scripts, no embedding into other pages.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


def routes() -> list[Route]:
    """Routes of the page's files."""
    return [Route(path, _file_handler(*file)) for path, file in _FILES.items()]


def _file_handler(name: str, kind: str) -> Callable[[Request], Awaitable[Response]]:
    content = resources.files("pipelines.serving").joinpath(name).read_bytes()

    async def send(_: Request) -> Response:
        return Response(content, media_type=kind, headers=_HEADERS)

    return send

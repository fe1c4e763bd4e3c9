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
    "/playback.js": ("playback.js", "text/javascript"),
    "/player.js": ("player.js", "text/javascript"),
}

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Content security policy: nothing from other hosts, no inline scripts, no embedding into other pages."""
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


def routes() -> list[Route]:
    """Routes of the page's files."""
    return [Route(path, file_handler("pipelines.serving", *file)) for path, file in _FILES.items()]


def file_handler(
    package: str, name: str, kind: str, policy: str = POLICY
) -> Callable[[Request], Awaitable[Response]]:
    """Handler that sends a data file of a package.

    Args:
        package: the package.
        name: of the file.
        kind: its media type.
        policy: its content security policy.
    """
    content = resources.files(package).joinpath(name).read_bytes()
    headers = {"Content-Security-Policy": policy, **_HEADERS}

    async def send(_: Request) -> Response:
        return Response(content, media_type=kind, headers=headers)

    return send

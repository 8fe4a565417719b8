"""The push of a result to a TestAPI (``TEST_DB_URL``), as xtesting does it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

import requests

from pytest_doctor_maint.report.result import Push, ResultDocument
from pytest_doctor_maint.report.testapi import body_for_testapi

#: The seconds that TestAPI may take for an answer; xtesting's.
TIMEOUT = 10.0
_HEADERS = {"Content-Type": "application/json"}


def push(url: str, document: ResultDocument, variables: Mapping[str, str]) -> Push:
    """Push a result, and return what came of it. Nothing is raised: a result that is not pushed has the same verdict.

    The URL may hold a user, a password or a token. So no error is shown in its own words.

    Args:
        url: The URL of the results in TestAPI; ``file:///path`` appends the request to a file, and sends nothing.
        document: The result.
        variables: The environment.
    """
    body = json.dumps(body_for_testapi(document, variables), sort_keys=True)
    place, reason = "no URL", ""
    try:
        parts = urlsplit(url)
        place = f"{parts.scheme}://{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}"
        if parts.scheme == "file":
            _append(Path(unquote(parts.path)), f"POST {url}", body)
        else:
            requests.post(url, data=body, headers=_HEADERS, timeout=TIMEOUT).raise_for_status()
    except requests.HTTPError as error:
        reason = f"the answer is {error.response.status_code}"
    except requests.RequestException as error:
        reason = f"there is no answer ({type(error).__name__})"
    except OSError as error:
        reason = f"the file cannot be written ({error.strerror})"
    except ValueError:
        reason = "TEST_DB_URL is not a URL"
    return Push(pushed=not reason, place=place, reason=reason)


def _append(path: Path, request: str, body: str) -> None:
    """Append a request to a file, in the form of xtesting's dry run."""
    path.parent.mkdir(parents=True, exist_ok=True)
    headers = {"Content-Length": str(len(body)), **_HEADERS}
    lines = "".join(f"{name} {value}\n" for name, value in headers.items())
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{request}\n{lines}\n{body}\n\n\n")

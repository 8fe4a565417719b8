"""Why a request got no answer, in a few words."""

from __future__ import annotations

from collections.abc import Iterator

import requests

from pytest_doctor_maint.printable import printable, shortened

#: The longest part of an answer in a message, in characters: an error may be a page of HTML.
LONGEST_ANSWER = 300


def chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and those that led to it."""
    seen: set[int] = set()
    following: BaseException | None = error
    while following is not None and id(following) not in seen:
        seen.add(id(following))
        yield following
        following = following.__cause__ or (None if following.__suppress_context__ else following.__context__)


def reason_of(error: BaseException) -> str:
    """Return why a request failed, as one printable line.

    Where the connection failed it is what the operating system says, such as ``Connection refused``: the libraries wrap
    that in texts that name the address several times.
    """
    roots = [each for each in chain(error) if isinstance(each, OSError) and not _is_wrapper(each)]
    if roots:
        text = roots[-1].strerror or str(roots[-1])
    else:
        text = next((str(each) for each in chain(error) if str(each).strip()), "")
    return printable(text.strip() or type(error).__name__)


def said(answer: requests.Response) -> str:
    """Return the status and the text of an answer as one printable line, shortened to :data:`LONGEST_ANSWER`."""
    return f"{answer.status_code}: {shortened(answer.text.strip(), LONGEST_ANSWER)}"


def _is_wrapper(error: OSError) -> bool:
    return isinstance(error, requests.RequestException)

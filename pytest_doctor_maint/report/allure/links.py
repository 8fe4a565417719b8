"""Links to the documents that the rules of claims come from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pytest_doctor_maint.claims import CLAIMS, Judgement

_DOCTOR = "https://github.com/opnfv/doctor/blob/master/docs/release/scenarios"
#: The documents by the words with which the sources of claims name them.
DOCUMENTS = {
    "Doctor's fault management use case": f"{_DOCTOR}/fault_management/fault_management.rst",
    "Doctor's test suite": "https://github.com/opnfv/doctor/tree/master/doctor_tests",
    "Fenix API reference": "https://fenix.readthedocs.io/en/latest/",
    "IFA011": "https://www.etsi.org/deliver/etsi_gs/NFV-IFA/001_099/011/",
    "Nova API reference": "https://docs.openstack.org/api-ref/compute/",
    "use case": f"{_DOCTOR}/maintenance/maintenance.rst",
}


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a report.

    Attributes:
        url: The address of a document.
        name: What a reader sees: the document, or the claim and the document.
    """

    url: str
    name: str


def links_of(judgement: Judgement) -> Iterator[Link]:
    """Yield links to the sources of the rules of the claims that fail; of all claims that were judged, if none does."""
    failed = [verdict.claim for verdict in judgement.failed()]
    for claim in failed:
        for document in _documents([claim]):
            yield Link(DOCUMENTS[document], f"{claim}: {document}")
    if not failed:
        for document in _documents(verdict.claim for verdict in judgement.verdicts):
            yield Link(DOCUMENTS[document], document)


def _documents(claims: Iterable[str]) -> list[str]:
    """Return the documents from which the rules of claims come."""
    sources = [CLAIMS[claim].source for claim in claims if claim in CLAIMS]
    # A source lists documents, and may say in brackets where in the document the rule is.
    named = {part.partition(" (")[0].strip() for source in sources for part in source.split(",")}
    return [document for document in DOCUMENTS if document in named]

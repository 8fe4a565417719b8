"""Quotas: how much a project and its users may use, and how much they use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pytest_doctor_maint.embedded.nova.errors import Invalid, QuotaExceeded

#: The resources of the Compute API's quota sets and Nova's default limits (-1: no limit).
DEFAULTS: Mapping[str, int] = {
    "instances": 10,
    "cores": 20,
    "ram": 51200,
    "floating_ips": -1,
    "fixed_ips": -1,
    "metadata_items": 128,
    "injected_files": 5,
    "injected_file_content_bytes": 10240,
    "injected_file_path_bytes": 255,
    "security_groups": -1,
    "security_group_rules": -1,
    "key_pairs": 100,
    "server_groups": 10,
    "server_group_members": 10,
}

#: Resources whose use is counted; the limits of the others apply to one request each.
COUNTED = ("instances", "cores", "ram", "server_groups")

#: What Nova says of a request that asks for more of a resource than its limit, which is filled in.
_PER_REQUEST: Mapping[str, str] = {
    "metadata_items": "Maximum number of metadata items exceeds {}",
    "injected_files": "Personality file limit exceeded",
    "injected_file_path_bytes": "Personality file path exceeds maximum {}",
    "injected_file_content_bytes": "Personality file content exceeds maximum {}",
}

#: Resources for which a user of a project can have a quota.
PER_USER = ("instances", "cores", "ram", "key_pairs", "server_groups")


class Quotas:
    """Limits and usage by project and user.

    Usage is kept in counters that :meth:`use` changes, so that a check takes the same time for any number of servers.
    """

    def __init__(self) -> None:
        self.default: dict[str, int] = dict(DEFAULTS)
        self._classes: dict[str, dict[str, int]] = {"default": self.default}
        self._projects: dict[str, dict[str, int]] = {}
        self._users: dict[tuple[str, str], dict[str, int]] = {}
        self._used: dict[tuple[str, str | None], dict[str, int]] = {}

    def limits(self, project_id: str, user_id: str | None = None) -> dict[str, int]:
        """Return the limit of each resource for a project, or for a user in it; -1: no limit."""
        own = self._users.get((project_id, user_id), {}) if user_id else {}
        return {**self.default, **self._projects.get(project_id, {}), **own}

    def of_class(self, name: str) -> dict[str, int]:
        """Return the limits of a quota class; missing ones are Nova's defaults. Only the class ``default`` applies."""
        return {**DEFAULTS, **self._classes.get(name, {})}

    def set_class(self, name: str, values: Mapping[str, int]) -> None:
        """Set limits of a quota class; those of ``default`` apply to every project without own limits."""
        self._classes.setdefault(name, {}).update(values)

    def used(self, project_id: str, user_id: str | None = None) -> dict[str, int]:
        """Return what a project, or a user in it, uses of the resources in :data:`COUNTED`."""
        return {**dict.fromkeys(COUNTED, 0), **self._used.get((project_id, user_id), {})}

    def check(self, project_id: str, user_id: str | None = None, **amounts: int) -> None:
        """Raise unless ``amounts`` more of each resource (``instances=1, cores=2, ram=512``) are allowed.

        Raises:
            QuotaExceeded: They are not; the message names the resources in alphabetical order, as Nova's does.
        """
        holders = [(self.limits(project_id), self.used(project_id))]
        if user_id and (project_id, user_id) in self._users:
            holders.append((self.limits(project_id, user_id), self.used(project_id, user_id)))
        for limits, used in holders:
            over = sorted(
                name
                for name, amount in amounts.items()
                if amount > 0 and 0 <= limits[name] < used.get(name, 0) + amount
            )
            if over:
                wanted = ", ".join(str(amounts[name]) for name in over)
                taken = ", ".join(str(used.get(name, 0)) for name in over)
                allowed = ", ".join(str(limits[name]) for name in over)
                names = ", ".join(over)
                raise QuotaExceeded(
                    f"Quota exceeded for {names}: Requested {wanted}, but already used {taken} of {allowed} {names}"
                )

    def check_request(self, project_id: str, **amounts: int) -> None:
        """Raise unless one request may ask for ``amounts`` of resources that are not counted (``metadata_items=3``).

        Raises:
            QuotaExceeded: It may not. The messages are those of ``_check_metadata_properties_quota`` and
                ``_check_injected_file_quota`` in nova/compute/api.py.
        """
        limits = self.limits(project_id)
        for name, amount in amounts.items():
            if 0 <= limits[name] < amount:
                raise QuotaExceeded(_PER_REQUEST[name].format(limits[name]))

    def check_files(self, project_id: str, files: Sequence[tuple[str, str]]) -> None:
        """Raise unless the quota allows a request to put ``files`` (path, content as it was sent) into a guest.

        Raises:
            QuotaExceeded: There are too many files, or a path or a content is too long.
        """
        self.check_request(
            project_id,
            injected_files=len(files),
            injected_file_path_bytes=max((len(path) for path, _ in files), default=0),
            injected_file_content_bytes=max((len(content) for _, content in files), default=0),
        )

    def use(self, project_id: str, user_id: str, **amounts: int) -> None:
        """Add ``amounts`` (below zero: subtract) to the usage of resources in :data:`COUNTED`."""
        for key in ((project_id, None), (project_id, user_id)):
            used = self._used.setdefault(key, dict.fromkeys(COUNTED, 0))
            for name, amount in amounts.items():
                used[name] += amount

    def set(self, project_id: str, user_id: str | None, values: Mapping[str, int], *, force: bool = False) -> None:
        """Set limits of a project, or of one user in it.

        Args:
            project_id: The project.
            user_id: The user, or None for the project as a whole.
            values: Limits by resource; -1: no limit.
            force: True to allow limits below usage.

        Raises:
            Invalid: A limit is below usage, or a user's limit is above the project's.
        """
        used = self.used(project_id, user_id)
        project = self.limits(project_id)
        for name, limit in values.items():
            if user_id:
                if name not in PER_USER:
                    raise Invalid(f"Bad key(s) in quota set: {name}")
                if project[name] >= 0 and not 0 <= limit <= project[name]:
                    raise Invalid(f"Quota limit {limit} for {name} must be less than or equal to {project[name]}.")
            if not force and 0 <= limit < used.get(name, 0):
                raise Invalid(
                    f"Quota limit {limit} for {name} must be greater than or equal to already used and reserved "
                    f"{used[name]}."
                )
        own = (
            self._users.setdefault((project_id, user_id), {}) if user_id else self._projects.setdefault(project_id, {})
        )
        own.update(values)

    def reset(self, project_id: str, user_id: str | None = None) -> None:
        """Remove the limits of a project with those of its users, or of one user; the defaults apply again."""
        if user_id:
            self._users.pop((project_id, user_id), None)
            return
        self._projects.pop(project_id, None)
        for key in [key for key in self._users if key[0] == project_id]:
            del self._users[key]


def check_image_metadata(quotas: Quotas, project_id: str, metadata: Mapping[str, str]) -> None:
    """Raise unless the quota allows an image to have ``metadata``.

    Raises:
        QuotaExceeded: It does not (``check_img_metadata_properties_quota`` in nova/api/openstack/common.py).
    """
    try:
        quotas.check_request(project_id, metadata_items=len(metadata))
    except QuotaExceeded as error:
        raise QuotaExceeded("Image metadata limit exceeded") from error

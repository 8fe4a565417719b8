"""A client of the embedded Keystone that logs in as users and reads JSON."""

from __future__ import annotations

from collections.abc import Mapping

from werkzeug.test import Client, TestResponse

from pytest_doctor_maint.embedded.caller import Caller
from pytest_doctor_maint.embedded.cloud import CloudState
from pytest_doctor_maint.embedded.keystone.models import Keystone
from pytest_doctor_maint.embedded.keystone.records import Role, User
from tests.support.json import Json

#: What a token is scoped to, as in the request of a token.
Scope = Mapping[str, Mapping[str, object]] | str


class IdentityClient:
    """Calls the API of a cloud's Keystone without a server.

    Attributes:
        cloud: The cloud.
        keystone: The state of its Keystone.
    """

    def __init__(self, cloud: CloudState) -> None:
        self.cloud = cloud
        self.keystone: Keystone = cloud.keystone
        self._client = Client(cloud.services()["/identity"])

    def call(self, method: str, path: str, body: object = None, token: str = "", **headers: str) -> TestResponse:
        """Return the answer to a request; ``X_Subject_Token`` stands for the header ``X-Subject-Token``."""
        found = {"X-Auth-Token": token} if token else {}
        found.update({name.replace("_", "-"): value for name, value in headers.items()})
        return self._client.open(path, method=method, json=body, headers=found)

    def json(self, method: str, path: str, body: object = None, token: str = "", status: int | None = None) -> Json:
        """Return the JSON of an answer, whose status must be ``status``, or any status of success."""
        answer = self.call(method, path, body, token)
        assert answer.status_code == status if status else answer.status_code < 300, answer.get_data(as_text=True)
        return answer.get_json()

    def status(self, method: str, path: str, body: object = None, token: str = "", **headers: str) -> int:
        """Return the status of the answer to a request."""
        return self.call(method, path, body, token, **headers).status_code

    def login(self, name: str, password: str, scope: Scope | None = None, *, status: int = 201) -> TestResponse:
        """Return the answer to the request of a token for a user of the default domain."""
        user = {"name": name, "password": password, "domain": {"id": "default"}}
        auth: dict[str, object] = {"identity": {"methods": ["password"], "password": {"user": user}}}
        if scope is not None:
            auth["scope"] = scope
        answer = self.call("POST", "/v3/auth/tokens", {"auth": auth})
        assert answer.status_code == status, answer.get_data(as_text=True)
        return answer

    def token(self, name: str, password: str, scope: Scope | None = None) -> str:
        """Return a token of a user of the default domain."""
        return self.login(name, password, scope).headers["X-Subject-Token"]

    @property
    def admin(self) -> str:
        """A new token of the admin for the project ``admin``."""
        return self.token("admin", "admin", {"project": {"id": self.keystone.admin_project_id}})

    def bearer(self, token: str) -> Caller:
        """Return the caller that a valid token stands for."""
        found = self.keystone.validate(token)
        assert found is not None, "the token is not valid"
        return found

    def role(self, name: str) -> Role:
        """Return the role with this name, which must exist."""
        found = self.keystone.grants.role_named(name)
        assert found is not None, f"there is no role {name}"
        return found

    def user(self, name: str) -> User:
        """Return the user of the default domain with this name, who must exist."""
        found = self.keystone.directory.user_named(name, "default")
        assert found is not None, f"there is no user {name}"
        return found

"""The sample admin tool."""

from __future__ import annotations

from pytest_doctor_maint.actors.admin_tool.base.cloud_view import CloudView
from pytest_doctor_maint.actors.admin_tool.base.reply_secrets import ReplySecrets
from pytest_doctor_maint.actors.admin_tool.base.sessions import Sessions
from pytest_doctor_maint.actors.admin_tool.base.settings import AdminToolSettings
from pytest_doctor_maint.actors.admin_tool.base.tokens import Tokens
from pytest_doctor_maint.actors.admin_tool.base.tool import AdminTool
from pytest_doctor_maint.actors.admin_tool.sample.api import SampleApi
from pytest_doctor_maint.actors.contract import AdminToolContext


class SampleAdminTool(AdminTool):
    """The sample admin tool as a server; see :class:`~pytest_doctor_maint.actors.admin_tool.base.tool.AdminTool`.

    Args:
        context: The context from the testbed.

    Raises:
        OSError: The address cannot be bound.
    """

    name = "sample"

    def __init__(self, context: AdminToolContext[AdminToolSettings]) -> None:
        cloud = CloudView(context.connection)
        sessions = Sessions(
            context.clock,
            context.ids,
            run=self.carry_out,
            known_hosts=cloud.computes,
            least_notice=context.settings.dialect.least_notice,
            make_mailbox=self.mailbox_class,
        )
        tokens = Tokens(context.connection, context.clock) if context.settings.require_token else None
        self._secrets = ReplySecrets(is_open=context.settings.is_open)
        super().__init__(context, cloud=cloud, sessions=sessions, api=SampleApi(sessions, self._secrets, tokens))

    def reply_base(self, session_id: str, project_id: str) -> str:
        return f"{self.url}{self._secrets.path(session_id, project_id)}"

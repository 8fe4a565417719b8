"""The kinds of events: the data, the actors and the presentation of each.

The kinds describe what can be seen from outside, on the wire and on the cloud, so that a history of foreign actors on a
real cloud has the same kinds. Hosts are named by the host name of their compute service, servers and projects by id.

Each kind is declared in one place, in one of the modules below. The constants (``kinds.NOTIFICATION``) are the names of
the kinds. A plugin declares a kind of its own with :func:`declare` when it is imported.
"""

# Names are not repeated here: a new kind is one declaration.
from pytest_doctor_maint.history.kinds.cloud import *  # noqa: F403
from pytest_doctor_maint.history.kinds.constraints import *  # noqa: F403
from pytest_doctor_maint.history.kinds.declaration import *  # noqa: F403
from pytest_doctor_maint.history.kinds.failures import *  # noqa: F403
from pytest_doctor_maint.history.kinds.messages import *  # noqa: F403
from pytest_doctor_maint.history.kinds.run import *  # noqa: F403
from pytest_doctor_maint.history.kinds.sessions import *  # noqa: F403

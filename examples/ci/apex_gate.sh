#!/usr/bin/env bash
# The gate of a deployment, as OPNFV's Apex ran it: tests the cloud OS_CLOUD of clouds.yaml, and pushes the result to the
# TestAPI at TEST_DB_URL, if that is set. The exit code is 0 if the verdict is "pass", and else that of pytest.
#
# Usage: OS_CLOUD=overcloud apex_gate.sh [options of pytest]
#
#   OS_CLIENT_CONFIG_FILE   clouds.yaml, if it is not where openstacksdk looks for it
#   MAINT_ENVIRONMENT       maintenance (default), maintenance-fenix or maintenance-vnf
#   MAINT_REPORTS           the folder of the reports (default: reports)
#   ADMIN_TOOL_TYPE, APP_MANAGER_TYPE, INSPECTOR_TYPE   names or URLs of the actors
#   MAINT_TRANSPORT_URL     the message bus of the cloud
#   NODE_NAME, BUILD_TAG, DEPLOY_SCENARIO   what TestAPI is told
set -euo pipefail

if [ -z "${OS_CLOUD:-}" ]; then
    echo "OS_CLOUD is not set; allowed: a cloud of clouds.yaml" >&2
    exit 4
fi
environment=${MAINT_ENVIRONMENT:-maintenance}
export TEST_CASE=${TEST_CASE:-maintenance}
export INSTALLER_TYPE=${INSTALLER_TYPE:-apex}
export MAINT_REPORTS=${MAINT_REPORTS:-$PWD/reports}

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
code=0
# The scenario that makes no demands on the cloud. Options that follow, such as another -k, come after it.
tox run -e "$environment" -- -k any_application "$@" || code=$?

python3 - "$MAINT_REPORTS/$environment/result.json" <<'PYTHON' || code=${code/#0/1}
import json
import sys

with open(sys.argv[1], encoding="ascii") as file:
    result = json.load(file)
print(f"doctor-maint: {result['verdict']}: {result['reason']}")
for test in result["tests"]:
    print(f"  {test['outcome']:11}  {test['nodeid']}  {test['reason']}")
sys.exit(result["verdict"] != "pass")
PYTHON
exit "$code"

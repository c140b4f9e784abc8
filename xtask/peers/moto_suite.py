"""Runs moto's own tests of a service against a server; see `suite.py` for the arguments."""

import os
from urllib.parse import urlsplit

import suite

asked = suite.asked()
# moto reads them when it is imported; from then on its decorators send boto3 to the server.
os.environ.update(
    TEST_SERVER_MODE="true",
    MOTO_PORT=str(urlsplit(asked.endpoint_url).port),
    AWS_ACCESS_KEY_ID="testing",
    AWS_SECRET_ACCESS_KEY="testing",
    AWS_DEFAULT_REGION="us-east-1",
    # Retries of what a server refuses on purpose only take time.
    AWS_MAX_ATTEMPTS="1",
)
suite.run(asked)

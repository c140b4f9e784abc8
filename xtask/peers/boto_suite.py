"""Runs integration tests of boto's projects, which are made for AWS, on a server; see `suite.py` for the arguments.

Clients are as for AWS: they ask AWS's own hosts, virtual-hosted or not. Only that every name leads to the server, and that
what is HTTPS to them is HTTP to it.
"""

import os
import socket
import time
from urllib.parse import urlsplit

import suite
from urllib3.connection import HTTPConnection, HTTPSConnection

asked = suite.asked()
os.environ.update(
    AWS_ACCESS_KEY_ID="000000000042",
    AWS_SECRET_ACCESS_KEY="any secret will do",
    AWS_DEFAULT_REGION="us-west-2",
    AWS_CONFIG_FILE=os.devnull,
    AWS_SHARED_CREDENTIALS_FILE=os.devnull,
    AWS_EC2_METADATA_DISABLED="true",
)
server = urlsplit(asked.endpoint_url)


def lead_to_the_server(host, port, *args, **kwargs):
    return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (server.hostname, server.port))]


socket.getaddrinfo = lead_to_the_server
HTTPSConnection.connect = HTTPConnection.connect
# What tests sleep for is there already, be it that AWS's servers agree, or there sooner, as a transfer beside them is.
sleep = time.sleep
time.sleep = lambda seconds: sleep(seconds / 10)
suite.run(asked)

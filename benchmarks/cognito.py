"""The stand-in for Cognito, seen from the process that measures."""

import http.client
import json
import os
from collections import Counter

from benchmarks.environment import CONTROL


def counted(
    *, latency: float = 0.0, keys_latency: float = 0.0, keys_down: bool = False, people: int = 0, objects: int = 0
) -> Counter[str]:
    """Have the stand-in behave like this from now on; return what it was asked until now.

    ``latency`` and ``keys_latency`` are seconds before it answers a call, and before it hands out the key set;
    ``keys_down`` has it hang up on whoever wants that; ``people`` is how many are listed, ``objects`` how many lie in
    the one folder of the bucket. The counts are by operation, with "JWKS" and "connections".
    """
    connection = http.client.HTTPConnection("127.0.0.1", int(os.environ[CONTROL]), timeout=5)
    behaviour = {"latency": latency, "keys_latency": keys_latency, "keys_down": int(keys_down)}
    try:
        connection.request("POST", "/", json.dumps({**behaviour, "people": people, "objects": objects}))
        return Counter(json.load(connection.getresponse()))
    finally:
        connection.close()

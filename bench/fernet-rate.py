"""As fernet-rate.js, for Python's cryptography. Run as: fernet-rate.py BYTES"""

import json
import resource
import sys
import time

from cryptography.fernet import Fernet

size = int(sys.argv[1])
count = max(1, round(32e6 / size))
fernet = Fernet(Fernet.generate_key())
value = b"0123456789abcdef" * (size // 16)


def rate_of(work):
    begin = time.perf_counter()
    for _ in range(count):
        result = work()
    return size * count / 1e6 / (time.perf_counter() - begin), result


before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
rates = {"seal": [], "open": []}
for round_number in range(6):
    seal_rate, token = rate_of(lambda: fernet.encrypt(value))
    open_rate, _ = rate_of(lambda: fernet.decrypt(token))
    if round_number > 0:
        rates["seal"].append(seal_rate)
        rates["open"].append(open_rate)
peak = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
print(json.dumps({**rates, "peak": peak}))

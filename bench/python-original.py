"""
The way of the Python original, in Python 3: boto 2 and cryptography, called as lazycred.py of 0.2.3 calls them; so the bucket
is asked for first, which get_bucket does by default. Run as: python-original.py get|put NAME
"""

import base64
import json
import logging
import os
import ssl
import sys
from urllib.parse import urlparse

import boto.kms
import boto.s3.connection
from cryptography.fernet import Fernet

logging.basicConfig()

# The servers of the benchmark have a certificate of their own.
ssl._create_default_https_context = ssl._create_unverified_context
s3_url = urlparse(os.environ["AWS_ENDPOINT_URL_S3"])
kms_url = urlparse(os.environ["AWS_ENDPOINT_URL_KMS"])


def s3_key(name):
    connection = boto.connect_s3(
        host=s3_url.hostname,
        port=s3_url.port,
        is_secure=s3_url.scheme == "https",
        validate_certs=False,
        calling_format=boto.s3.connection.OrdinaryCallingFormat(),
    )
    return connection.get_bucket("bench").new_key(name)


def kms():
    region = next(region for region in boto.kms.regions() if region.name == "us-east-1")
    region.endpoint = kms_url.hostname
    return region.connect(port=kms_url.port, is_secure=kms_url.scheme == "https", validate_certs=False)


def get(name):
    record = json.loads(s3_key(name).get_contents_as_string())
    plaintext = kms().decrypt(base64.b64decode(record["key"]))["Plaintext"]
    sys.stdout.buffer.write(Fernet(plaintext).decrypt(record["data"].encode()))


def put(name):
    s3_object = s3_key(name)
    data_key = Fernet.generate_key()
    blob = kms().encrypt("alias/bench", data_key)["CiphertextBlob"]
    data = Fernet(data_key).encrypt(sys.stdin.buffer.read()).decode()
    record = {"data": data, "key": base64.b64encode(blob).decode()}
    s3_object.set_contents_from_string(json.dumps(record))


{"get": get, "put": put}[sys.argv[1]](sys.argv[2])

"""Looks into a bucket and changes it, with boto3. Usage: bucket.py PORT KEY SECRET COMMAND ARGUMENTS…; prints JSON."""

import hashlib
import io
import json
import sys

import boto3
from botocore.config import Config
from mcap.reader import make_reader

port, key, secret, command, *arguments = sys.argv[1:]
store = boto3.client(
    "s3",
    endpoint_url=f"http://127.0.0.1:{port}",
    region_name="us-east-1",
    aws_access_key_id=key,
    aws_secret_access_key=secret,
    config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 0}),
)
bucket = "replays"


def show(name):
    answer = store.get_object(Bucket=bucket, Key=name)
    body = answer["Body"].read()
    return {
        "size": len(body),
        "sha256": hashlib.sha256(body).hexdigest(),
        "content_type": answer["ContentType"],
        "metadata_sha256": answer["Metadata"].get("sha256", ""),
        "tag": answer["ETag"].strip('"'),
    }


def frames(name):
    body = store.get_object(Bucket=bucket, Key=name)["Body"].read()
    reader = make_reader(io.BytesIO(body), validate_crcs=True)
    count = sum(1 for _ in reader.iter_messages(topics=["/frames"]))
    return {"frames": count, "profile": reader.get_header().profile}


def replace(name, text, sha256):
    metadata = {"sha256": sha256} if sha256 else {}
    store.put_object(Bucket=bucket, Key=name, Body=text.encode(), Metadata=metadata)
    return {}


def uploads():
    answer = store.list_multipart_uploads(Bucket=bucket)
    return {"uploads": [upload["Key"] for upload in answer.get("Uploads", [])]}


def keys():
    answer = store.list_objects_v2(Bucket=bucket)
    return {"keys": sorted(entry["Key"] for entry in answer.get("Contents", []))}


calls = {"show": show, "frames": frames, "replace": replace, "uploads": uploads, "keys": keys}
json.dump(calls[command](*arguments), sys.stdout)

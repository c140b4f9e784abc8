"""boto3, which knows nothing of this project, takes a bucket and a table from beginning to end, and asks who it is.

The only argument is the endpoint URL. Ends with an error at the first answer that is not AWS's.
"""

import hashlib
import io
import sys

import boto3
from boto3.dynamodb.conditions import Attr, Key
from botocore.config import Config
from botocore.exceptions import ClientError

MIB = 1024 * 1024


# One attempt: an answer that a retry would hide is an error here.
ONCE = Config(retries={"total_max_attempts": 1})


def session():
    return boto3.session.Session(
        aws_access_key_id="testing", aws_secret_access_key="testing", region_name="eu-west-1"
    )


def refused(code, call, **arguments):
    """The call must fail with this error code."""
    try:
        call(**arguments)
    except ClientError as error:
        found = error.response["Error"]["Code"]
        assert found == code, f"{found} instead of {code}: {error}"
        return
    raise AssertionError(f"no {code}: the call succeeded")


def bucket_round_trip(endpoint_url):
    client = session().client("s3", endpoint_url=endpoint_url, config=ONCE)
    s3 = session().resource("s3", endpoint_url=endpoint_url, config=ONCE)
    bucket = s3.Bucket("round-trip")
    bucket.create(CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    assert "round-trip" in [bucket.name for bucket in s3.buckets.all()]

    # Small objects: bytes and metadata come back, and a range of them.
    etag = bucket.put_object(
        Key="letters/a b+ü.txt", Body=b"hello, world", ContentType="text/plain", Metadata={"mood": "fine"}
    ).e_tag
    assert etag == f'"{hashlib.md5(b"hello, world").hexdigest()}"', etag
    answer = client.get_object(Bucket="round-trip", Key="letters/a b+ü.txt")
    assert answer["Body"].read() == b"hello, world"
    assert answer["ContentType"] == "text/plain" and answer["Metadata"] == {"mood": "fine"}, answer
    part = client.get_object(Bucket="round-trip", Key="letters/a b+ü.txt", Range="bytes=7-")
    assert part["Body"].read() == b"world" and part["ContentRange"] == "bytes 7-11/12", part
    refused("NoSuchKey", client.get_object, Bucket="round-trip", Key="missing")
    refused("404", client.head_object, Bucket="round-trip", Key="missing")

    # Listings: folders and pages.
    for number in range(25):
        bucket.put_object(Key=f"numbers/{number:02}", Body=b"")
    pages = client.get_paginator("list_objects_v2").paginate(
        Bucket="round-trip", Prefix="numbers/", PaginationConfig={"PageSize": 10}
    )
    sizes = [len(page["Contents"]) for page in pages]
    assert sizes == [10, 10, 5], sizes
    top = client.list_objects_v2(Bucket="round-trip", Delimiter="/")
    folders = [common["Prefix"] for common in top["CommonPrefixes"]]
    assert folders == ["letters/", "numbers/"] and "Contents" not in top, top

    # A file that boto3 cuts into parts, up and down.
    film = bytes(range(256)) * (20 * MIB // 256)
    bucket.upload_fileobj(io.BytesIO(film), "film")
    summary = bucket.Object("film")
    assert summary.content_length == 20 * MIB and summary.e_tag.endswith('-3"'), summary.e_tag
    downloaded = io.BytesIO()
    bucket.download_fileobj("film", downloaded)
    assert downloaded.getvalue() == film

    refused("BucketNotEmpty", client.delete_bucket, Bucket="round-trip")
    deleted = bucket.objects.all().delete()
    assert sum(len(page["Deleted"]) for page in deleted) == 27, deleted
    bucket.delete()
    refused("404", client.head_bucket, Bucket="round-trip")


def table_round_trip(endpoint_url):
    dynamodb = session().resource("dynamodb", endpoint_url=endpoint_url, config=ONCE)
    table = dynamodb.create_table(
        TableName="orders",
        KeySchema=[
            {"AttributeName": "customer", "KeyType": "HASH"},
            {"AttributeName": "number", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": "customer", "AttributeType": "S"},
            {"AttributeName": "number", "AttributeType": "N"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    table.wait_until_exists()

    table.put_item(Item={"customer": "ann", "number": 0, "tags": {"new", "paid"}, "lines": [{"sku": "x"}]})
    item = table.get_item(Key={"customer": "ann", "number": 0})["Item"]
    assert item["tags"] == {"new", "paid"} and item["lines"] == [{"sku": "x"}], item
    refused(
        "ConditionalCheckFailedException",
        table.put_item,
        Item={"customer": "ann", "number": 0},
        ConditionExpression=Attr("customer").not_exists(),
    )
    updated = table.update_item(
        Key={"customer": "ann", "number": 0},
        UpdateExpression="SET #total = if_not_exists(#total, :zero) + :more",
        ExpressionAttributeNames={"#total": "total"},
        ExpressionAttributeValues={":zero": 0, ":more": 5},
        ReturnValues="UPDATED_NEW",
    )
    assert updated["Attributes"] == {"total": 5}, updated

    with table.batch_writer() as batch:
        for number in range(1, 61):
            batch.put_item(Item={"customer": "ann", "number": number, "even": number % 2 == 0})
    found = table.query(
        KeyConditionExpression=Key("customer").eq("ann") & Key("number").between(1, 60),
        FilterExpression=Attr("even").eq(True),
    )
    assert [int(item["number"]) for item in found["Items"]] == list(range(2, 61, 2)), found
    first = table.query(KeyConditionExpression=Key("customer").eq("ann"), Limit=7)
    rest = table.query(KeyConditionExpression=Key("customer").eq("ann"), ExclusiveStartKey=first["LastEvaluatedKey"])
    assert first["Count"] == 7 and rest["Count"] == 54, (first["Count"], rest["Count"])

    table.delete_item(Key={"customer": "ann", "number": 0})
    assert "Item" not in table.get_item(Key={"customer": "ann", "number": 0})
    table.delete()
    table.wait_until_not_exists()
    refused("ResourceNotFoundException", table.load)


def caller(endpoint_url):
    sts = session().client("sts", endpoint_url=endpoint_url, config=ONCE)
    answer = sts.get_caller_identity()
    assert answer["Account"] == "123456789012", answer
    assert answer["Arn"] == "arn:aws:iam::123456789012:user/mock-aws", answer
    assert answer["UserId"].startswith("AIDA") and len(answer["UserId"]) == 21, answer
    assert answer["ResponseMetadata"]["RequestId"], answer
    refused("NotImplemented", sts.get_session_token)


if __name__ == "__main__":
    bucket_round_trip(sys.argv[1])
    table_round_trip(sys.argv[1])
    caller(sys.argv[1])
    print(f"boto3 {boto3.__version__}: a bucket and a table made the round trip, and the caller is known")

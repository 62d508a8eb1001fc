"""The vectors by which receivers would know us."""

import json

from rientro.policy.webhook_signatures import plain, secret_of, standard


def test_sendclouds_first_vector():
    assert (
        plain("secretkey", b'{"key": "value"}')
        == "1eed4b3d41f4653ac64fd56f1bf1cbfd349e4482cbc11dff7134bd93e5da4b0a"
    )


def test_sendclouds_second_vector_over_the_bytes_that_python_writes():
    body = json.dumps(
        {
            "action": "integration_credentials",
            "timestamp": 1719299439635,
            "public_key": "test",
            "secret_key": "test",
            "integration_id": 241526,
        }
    )

    assert (
        plain("test", body.encode())
        == "c841416e8b9aa99706bb08cbca1aec3b7c42edcad0318c7a311ea721054d3709"
    )


def test_standard_webhooks_vector():
    """The one in the libraries of the specification."""
    signature = standard(
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
    )

    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_two_secrets_sign_side_by_side():
    both = standard([secret_of(b"a" * 32), secret_of(b"b" * 32)], "x", 1, b"{}")

    assert [part[:3] for part in both.split(" ")] == ["v1,", "v1,"]
    assert both.split(" ")[0] == standard([secret_of(b"a" * 32)], "x", 1, b"{}")

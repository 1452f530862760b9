"""What looks like a credential, and what does not."""

import time

import pytest

from policies.reading.credentials import credential_in_entry, credential_in_text, credential_in_value, entropy

AWS = "AKIA" + "Q3EXAMPLE7ZYXWVU"
GITHUB = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
PEM = "-----BEGIN " + "RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\n"
JWT = "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P"
DIGEST = f"sha256:{'0a1b2c3d' * 8}"
UUID = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"


@pytest.mark.parametrize(
    "value",
    [
        AWS,
        GITHUB,
        PEM,
        JWT,
        "github_pat_" + "11ABCDEFG0123456789_abcdefghijklmnop",
        "glpat-" + "aB3dE5gH7jK9mN1pQ2rS",
        "xoxb-" + "123456789012-abcdefghijklmnop",
        "https://hooks.slack.com/" + "services/T0000AAAA/B0000BBBB/c1D2e3F4g5H6",
        "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc",
        "AIza" + "SyA1234567890abcdefghijklmnopqrstuv",
        "npm_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8",
        "pul-" + "0123456789abcdef" * 2 + "01234567",
        "hvs." + "CAESIJ1aB2cD3eF4gH5iJ6kL7m",
        "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=" + "aB3/" * 20 + "==",
        '{"auths": {"ghcr.io": {"auth": "' + "dXNlcjpodW50ZXIy" + '"}}}',
        "postgres://shop:hunter2@db:5432/shop",
        "redis://:hunter2@cache:6379/0",
        "shop:hunter2@tcp(db:3306)/shop?parseTime=true",
        "jdbc:postgresql://db/shop?user=shop&password=hunter2",
        "Server=db;User Id=shop;Password=hunter2;",
        "Authorization: Bearer abcdef0123456789",
    ],
)
def test_known_under_any_name(value: str) -> None:
    assert credential_in_value("GREETING", value)
    assert credential_in_text(f"run --with {value} now") or credential_in_text(value)


@pytest.mark.parametrize(
    "name", ["DB_PASSWORD", "dbPassword", "db-password", "MYSQL_ROOT_PASSWD", "SMTP_PASS"]
)
@pytest.mark.parametrize("value", ["hunter2", "changeme", "123456", "correct horse battery staple"])
def test_any_literal_is_a_password(name: str, value: str) -> None:
    assert credential_in_value(name, value) == "a credential (by its name)"


@pytest.mark.parametrize(
    "name",
    [
        *(
            "API_KEY",
            "apiKey",
            "STRIPE_API_KEY",
            "CLIENT_SECRET",
            "JWT_SECRET",
            "SECRET_KEY_BASE",
            "ACCESS_TOKEN",
        ),
        *("AWS_SECRET_ACCESS_KEY", "SESSION_KEY", "signing-key", "GITHUB_TOKEN", "ENCRYPTION_KEY"),
    ],
)
def test_any_literal_is_a_key(name: str) -> None:
    assert credential_in_value(name, "abc-def")
    assert credential_in_value(name, UUID), "many services make such tokens"


@pytest.mark.parametrize(
    ("value", "alarms"),
    [
        ("q8Zr2LxT9vKpW4nB", True),
        ("c2VjcmV0LXZhbHVlLTQ3MTE=", True),
        ("web-tls", False),
        ("payments-database-secret", False),
        ("web-tls-2", False),
        ("short1", False),
        (UUID, False),
        ("c0ffee42" * 5, False),
        ("a sentence with 12 words", False),
        ("aaaaaaaaaaaa1", False),
    ],
)
def test_a_plain_secret_or_token_is_told_by_its_entropy(value: str, alarms: bool) -> None:
    assert bool(credential_in_value("DB_SECRET", value)) is alarms
    assert bool(credential_in_value("token", value)) is alarms


@pytest.mark.parametrize(
    "value",
    [
        *(
            "",
            "true",
            "none",
            "3",
            "$(DB_PASSWORD)",
            "${DB_PASSWORD}",
            "$DB_PASSWORD",
            "{{ .Values.password }}",
        ),
        *(
            "<password>",
            "********",
            "/run/secrets/password",
            "./password.txt",
            "~/.pgpass",
            "secrets/db.json",
        ),
        *(
            "https://vault.example.com/v1/kv",
            "vault:kv/data/shop#password",
            "op://vault/item/password",
            DIGEST,
        ),
        *(
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop",
            "ghcr.io/acme/shop:1.2",
            "$(cat /run/x)",
        ),
    ],
)
def test_references_are_harmless_under_any_name(value: str) -> None:
    for name in ("DB_PASSWORD", "API_KEY", "TOKEN"):
        assert credential_in_entry(name, value) is None


@pytest.mark.parametrize(
    "name",
    [
        *(
            "PASSWORD_FILE",
            "TOKEN_TTL",
            "TOKEN_URL",
            "SECRET_NAME",
            "MAX_TOKENS",
            "API_KEY_HEADER",
            "KEYBOARD",
        ),
        *(
            "MONKEY",
            "PRIMARY_KEY",
            "PUBLIC_KEY",
            "BYPASS",
            "COMPASS",
            "AUTHOR",
            "TOKENIZER",
            "PASSWORD_MIN_LENGTH",
        ),
        *("EXISTING_SECRET", "ACCESS_KEY_ID", "SECRETARY", "imagePullSecretName", "CACHE_KEY", "", "--"),
    ],
)
def test_names_that_are_about_something_else(name: str) -> None:
    assert credential_in_value(name, "q8Zr2LxT9vKpW4nB") is None


@pytest.mark.parametrize(
    "value",
    [
        DIGEST,
        f"ghcr.io/acme/shop@{DIGEST}",
        f"docker://alpine:3.22@{DIGEST}",
        "127.0.0.1:5000/shop:v1.2.3-4-gc0ffee4",
        "c0ffee42" * 5,
        UUID,
        "v1.2.3-rc.1+build.5",
        "/var/lib/shop/data",
        "https://shop.example.com:8443/@scope/path?q=1",
        "https://git@github.com/acme/shop.git",
        "ssh://git@github.com:22/acme/shop.git",
        "git@github.com:acme/shop.git",
        "postgres://shop:$(DB_PASSWORD)@db/shop",
        "postgres://shop:${DB_PASSWORD}@db/shop",
        "amqp://{{ user }}:{{ password }}@mq",
        "postgres://shop:***@db/shop",
        "shop:$(DB_PASSWORD)@tcp(db:3306)/shop",
        "postgres://db:5432/shop",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3bqV2 deploy@example.com",
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
        "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n",
        "hello from dev",
        "2026-01-01T00:00:00Z",
        "Mozilla/5.0 (X11; Linux x86_64)",
        "a very long line of ordinary words that a greeting may well have",
    ],
)
def test_no_alarm(value: str) -> None:
    assert credential_in_entry("GREETING", value) is None


@pytest.mark.parametrize(
    "text",
    [
        "DB_PASSWORD=hunter2 ./run",
        "export DB_PASSWORD='hunter2'",
        "./run --db-password hunter2",
        "./run --db-password=hunter2",
        "java -Dclient.secret=abcdef -jar shop.jar",
        "kubectl create secret generic db --from-literal=password=hunter2",
        "sshpass -p hunter2 ssh host",
        "mysql -u root -phunter2",
        "curl -u admin:hunter2 https://example.com",
        "docker login -u me -p hunter2 ghcr.io",
        "redis-cli -a hunter2 ping",
        "curl -H 'Authorization: Bearer abcdef0123456789'",
        "database:\n  host: db\n  password: hunter2\n",
        "[database]\npassword = hunter2\n",
        '{\n  "password": "hunter2",\n  "host": "db"\n}',
        '{"database": {"host": "db", "password": "hunter2"}}',
        '["postgres://shop:hunter2@db/shop"]',
        "password: hunter2  # for now",
        f"cat > key <<EOF\n{PEM}EOF",
    ],
)
def test_texts_that_hold_a_credential(text: str) -> None:
    assert credential_in_text(text)


@pytest.mark.parametrize(
    "text",
    [
        'DB_PASSWORD="$(cat /run/secrets/db)" ./run',
        "DB_PASSWORD=$1; export DB_PASSWORD",
        'if [ "$PASSWORD" = "" ]; then echo "no password"; exit 1; fi',
        "./run --password-file /run/secrets/db --token-ttl 10m",
        './run --password "$DB_PASSWORD" --verbose',
        "echo $TOKEN | docker login --username me --password-stdin ghcr.io",
        "curl -u admin:$PASSWORD https://example.com",
        "mysql --defaults-file=/etc/my.cnf -p",
        "printf 'password: %s\\n' \"$PASSWORD\"",
        "database:\n  host: db\n  passwordFile: /run/secrets/db\n  secretName: shop-db\n",
        "sed -i s/secret/token/ file && make tokens",
        "systemctl reload nginx",
        '{"database": {"host": "db", "passwordFile": "/run/secrets/db"}, "tokens": 3}',
        "{" * 100_000,
    ],
)
def test_texts_that_hold_none(text: str) -> None:
    assert credential_in_text(text) is None


def test_findings_never_repeat_the_value() -> None:
    for value in ("hunter2", AWS, GITHUB, JWT):
        found = credential_in_entry("DB_PASSWORD", value)
        assert found
        assert value not in found


def test_entropy() -> None:
    assert entropy("aaaa") == 0
    assert entropy("abcd") == 2


@pytest.mark.parametrize(
    "part", ["a", "Ab3/", "a.", "a=", "a://", "//", "'", "-", " ", "eyJ", "curl ", "mysql -", "password\n"]
)
def test_large_texts_take_no_time_to_speak_of(part: str) -> None:
    start = time.monotonic()
    credential_in_entry("NOTE", part * 10_000)
    assert time.monotonic() - start < 5

"""A mail server and a push service that say on their output what came, one JSON a line.

    servers.py smtp CA.pem     STARTTLS and a sign-in are required; the first message is answered 451
    servers.py push            decrypts as a browser does (RFC 8291) and checks the signature (RFC 8292)

The first line is {"ready": ...}: the port, and for push the subscription a browser would hand in.
"""

import asyncio
import base64
import datetime
import email
import email.policy
import ipaddress
import json
import ssl
import sys
import tempfile
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

USER, PASSWORD = b"notice", b"of-the-mail-server"


def say(what):
    print(json.dumps(what, ensure_ascii=False), flush=True)


def pem(key):
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def certificates(ca_file):
    """An authority of our own and a server's certificate by it; the context to serve with."""
    now = datetime.datetime.now(datetime.timezone.utc)
    day = datetime.timedelta(days=1)

    def made(subject, issuer, key, signer, *extensions):
        name = lambda n: x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, n)])
        builder = x509.CertificateBuilder().subject_name(name(subject)).issuer_name(name(issuer))
        builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(now - day).not_valid_after(now + day)
        for extension in extensions:
            builder = builder.add_extension(extension, critical=False)
        return builder.sign(signer, hashes.SHA256())

    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca = made("test authority", "test authority", ca_key, ca_key, x509.BasicConstraints(ca=True, path_length=None))
    names = x509.SubjectAlternativeName(
        [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    )
    leaf = made("localhost", "test authority", key, ca_key, names, x509.BasicConstraints(ca=False, path_length=None))
    with open(ca_file, "wb") as out:
        out.write(ca.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile() as both:
        both.write(leaf.public_bytes(serialization.Encoding.PEM) + pem(key))
        both.flush()
        context.load_cert_chain(both.name)
    return context


async def smtp(ca_file):
    from aiosmtpd.smtp import SMTP, AuthResult

    class Handler:
        refused = False

        async def handle_DATA(self, server, session, envelope):
            message = email.message_from_bytes(envelope.content, policy=email.policy.default)
            say({"mail": {
                "from": envelope.mail_from, "to": envelope.rcpt_tos, "subject": str(message["subject"]),
                "id": message["message-id"], "body": message.get_content(), "tls": session.ssl is not None,
                "user": session.auth_data, "taken": self.refused,
            }})
            if not self.refused:
                self.refused = True
                return "451 try again later"
            return "250 taken"

    def authenticator(server, session, envelope, mechanism, data):
        good = (data.login, data.password) == (USER, PASSWORD)
        return AuthResult(success=good, auth_data=data.login.decode() if good else None)

    handler, context = Handler(), certificates(ca_file)
    make = lambda: SMTP(
        handler, tls_context=context, require_starttls=True, auth_required=True, authenticator=authenticator,
        enable_SMTPUTF8=True,
    )
    server = await asyncio.get_running_loop().create_server(make, "127.0.0.1", 0)
    say({"ready": {"port": server.sockets[0].getsockname()[1]}})
    await server.serve_forever()


def unpadded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def padded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def push():
    import http_ece

    key, auth = ec.generate_private_key(ec.SECP256R1()), b"sixteen bytes !!"
    point = key.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )

    class Browser(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            scheme, _, rest = self.headers["authorization"].partition(" ")
            parts = dict(part.strip().split("=", 1) for part in rest.split(","))
            signed, _, signature = parts["t"].rpartition(".")
            raw = padded(signature)
            numbers = [int.from_bytes(half, "big") for half in (raw[:32], raw[32:])]
            public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), padded(parts["k"]))
            # Raises when it is not theirs.
            public.verify(encode_dss_signature(*numbers), signed.encode(), ec.ECDSA(hashes.SHA256()))
            claims = json.loads(padded(signed.split(".")[1]))
            assert scheme == "vapid" and time.time() < claims["exp"] <= time.time() + 86_400, claims
            words = http_ece.decrypt(body, private_key=key, auth_secret=auth, version="aes128gcm")
            say({"push": {
                "words": json.loads(words), "claims": claims, "key": parts["k"], "path": self.path,
                "headers": {name: self.headers[name] for name in ("ttl", "urgency", "topic", "content-encoding")},
            }})
            self.send_response(201)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Browser)
    endpoint = f"http://127.0.0.1:{server.server_port}/push/of-this-browser"
    keys = {"p256dh": unpadded(point), "auth": unpadded(auth)}
    say({"ready": {"port": server.server_port, "subscription": {"endpoint": endpoint, "expirationTime": None, "keys": keys}}})
    server.serve_forever()


if __name__ == "__main__":
    if sys.argv[1] == "smtp":
        asyncio.run(smtp(sys.argv[2]))
    else:
        push()

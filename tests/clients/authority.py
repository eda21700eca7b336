"""An authority of the tests, by the openssl command: certificates for servers and clients, OCSP responses."""

import pathlib
import subprocess

KINDS = {"ec": ["ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"], "rsa": ["rsa:2048"]}


def openssl(*arguments):
    return subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, timeout=60,
                          stdin=subprocess.DEVNULL).stdout


class Authority:
    def __init__(self, directory, name="authority"):
        self.directory = pathlib.Path(directory)
        self.certificate, self.key = self.directory / f"{name}.pem", self.directory / f"{name}.key"
        openssl("req", "-x509", "-newkey", *KINDS["ec"], "-nodes", "-days", 30, "-subj", f"/CN=Test {name}",
                "-addext", "keyUsage=critical,keyCertSign,cRLSign,digitalSignature",
                "-keyout", self.key, "-out", self.certificate)

    def issue(self, stem, common_name, alternative_names, kind="ec", usage="serverAuth", days=90):
        """Makes STEM.pem, with the authority's own certificate behind the new one, and STEM.key."""
        certificate, key = self.directory / f"{stem}.pem", self.directory / f"{stem}.key"
        openssl("req", "-x509", "-newkey", *KINDS[kind], "-nodes", "-CA", self.certificate, "-CAkey", self.key,
                "-days", days, "-subj", f"/CN={common_name}", "-addext", f"subjectAltName={alternative_names}",
                "-addext", f"extendedKeyUsage={usage}", "-addext", "basicConstraints=critical,CA:FALSE",
                "-keyout", key, "-out", certificate)
        certificate.write_bytes(certificate.read_bytes() + self.certificate.read_bytes())
        return certificate, key

    def ocsp_response(self, certificate, to):
        """Writes what says that the certificate is good, for a day."""
        serial = openssl("x509", "-in", certificate, "-noout", "-serial").decode().strip().partition("=")[2]
        index = self.directory / "index"
        index.write_text(f"V\t491231235959Z\t\t{serial}\tunknown\t/CN=any\n")
        request = self.directory / "request"
        openssl("ocsp", "-issuer", self.certificate, "-cert", certificate, "-reqout", request)
        openssl("ocsp", "-index", index, "-CA", self.certificate, "-rsigner", self.certificate, "-rkey", self.key,
                "-reqin", request, "-respout", to, "-ndays", 1)

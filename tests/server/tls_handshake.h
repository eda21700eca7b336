// A TLS handshake of the tests: the server's stream on one end, an OpenSSL client on the other.
#pragma once

#include "server/tls/context.h"
#include "tests/server/certificates.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace mail::test {

/// What came of a handshake, and one octet each way, at both ends.
struct Outcome {
    bool is_good = false;
    int alert = 0; ///< that the client was sent
    std::string subject = {}; ///< of the server's certificate
    int key_kind = 0;
    std::string application_protocol = {};
    std::string ocsp_response = {};
    bool is_resumed = false;
    std::shared_ptr<SSL_SESSION> session = {};
    std::string failure = {}; ///< at the server
    std::vector<std::string> names = {}; ///< of the client's certificate, at the server
    std::string cipher = {};
};

/// What the client sets up before its hello.
using Prepare = std::function<void(SSL*)>;

Outcome shake(std::shared_ptr<server::tls::Credentials const> credentials,
    Prepare const& prepare = {}, config::Protocol protocol = config::Protocol::imap);

Prepare asking_for(std::string const& name); ///< by SNI
Prepare offering(std::vector<std::string> const& protocols); ///< by ALPN
Prepare showing(config::TlsFiles const& files); ///< a certificate of the client

class TlsTest : public testing::Test {
protected:
    TemporaryDirectory folder;
    Authority authority;
};

} // namespace mail::test

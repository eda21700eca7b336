// Clients' own certificates: whom they name, and which are refused.
#include "tests/server/tls_handshake.h"

using namespace mail;
using namespace mail::server::tls;
using namespace std::chrono_literals;
using std::chrono::system_clock;
using test::shake;
using test::showing;
using test::TlsTest;

namespace {

class ClientCertificates : public TlsTest {
protected:
    ClientCertificates()
    {
        settings.certificates
            = { authority.issue(folder.path(), "server", { "server", "DNS:s.example" }) };
        settings.client_certificate = config::ClientCertificate::optional;
        settings.client_ca = folder.path() / "clients.pem";
        clients.write_certificate(settings.client_ca);
    }
    config::TlsFiles client(test::Wanted const& wanted)
    {
        return clients.issue(folder.path(), "client" + std::to_string(++number), wanted);
    }
    std::vector<std::string> names(config::TlsFiles const& files)
    {
        auto const outcome = shake(Context(settings).get(), showing(files));
        EXPECT_TRUE(outcome.is_good) << outcome.failure;
        return outcome.names;
    }

    using Names = std::vector<std::string>;
    test::Authority clients { "Clients" };
    config::TlsSettings settings;
    int number = 0;
};

} // namespace

TEST_F(ClientCertificates, NameTheirUsers)
{
    auto const alice = client({ "Alice",
        "email:alice@example.org, email:a@example.org, "
        "otherName:1.3.6.1.4.1.311.20.2.3;UTF8:upn@example.org, "
        "DNS:host.example.org",
        "subject@example.org" });
    EXPECT_EQ(names(alice), (Names { "alice@example.org", "a@example.org" }));
    EXPECT_EQ(names(client({ "bob@example.org" })), Names { "bob@example.org" });
    using config::CertifiedName;
    for (auto const& [kind, name] : { std::pair(CertifiedName::upn, "upn@example.org"),
             std::pair(CertifiedName::dns, "host.example.org"),
             std::pair(CertifiedName::subject_email, "subject@example.org"),
             std::pair(CertifiedName::common_name, "Alice") }) {
        settings.client_names = { kind };
        EXPECT_EQ(names(alice), Names { name });
    }
    settings.client_names = { CertifiedName::upn };
    EXPECT_EQ(names(client({ "bob@example.org" })), Names {});
    settings.client_names = { CertifiedName::common_name };
    EXPECT_EQ(names(client({ "two\nlines" })), Names {}) << "no text";
    EXPECT_EQ(shake(Context(settings).get()).names, Names {}) << "none shown";
}

TEST_F(ClientCertificates, AreRefusedClearlyWhenTheyAreNoGood)
{
    for (int const version : { TLS1_2_VERSION, TLS1_3_VERSION }) {
        auto const refused = [&](config::TlsFiles const& files) {
            return shake(Context(settings).get(), [&](SSL* ssl) {
                showing(files)(ssl);
                SSL_set_max_proto_version(ssl, version);
            });
        };
        auto outcome = refused(client({ .common_name = "old", .begins = -2h, .ends = -1h }));
        EXPECT_FALSE(outcome.is_good);
        EXPECT_EQ(outcome.alert, SSL_AD_CERTIFICATE_EXPIRED);
        EXPECT_NE(outcome.failure.find("certificate has expired"), std::string::npos);
        outcome = refused(authority.issue(folder.path(), "stranger", { "stranger" }));
        EXPECT_EQ(outcome.alert, SSL_AD_UNKNOWN_CA);
        EXPECT_NE(outcome.failure.find("the client's certificate is refused"), std::string::npos);
        auto const revoked = client({ "revoked" });
        settings.client_crl = folder.path() / "crl.pem";
        clients.write_crl(settings.client_crl, revoked);
        outcome = refused(revoked);
        EXPECT_EQ(outcome.alert, SSL_AD_CERTIFICATE_REVOKED);
        EXPECT_EQ(names(client({ "good" })), Names { "good" });
        settings.client_crl.clear();
    }
}

TEST_F(ClientCertificates, AreRequiredOfImapAndPop3Only)
{
    settings.client_certificate = config::ClientCertificate::required;
    Context context(settings);
    auto const none = shake(context.get());
    EXPECT_FALSE(none.is_good);
    EXPECT_EQ(none.alert, SSL_AD_CERTIFICATE_REQUIRED);
    EXPECT_FALSE(shake(context.get(), {}, config::Protocol::pop3).is_good);
    auto const lmtp = shake(context.get(), {}, config::Protocol::lmtp);
    EXPECT_TRUE(lmtp.is_good);
    auto const smuggled
        = shake(context.get(), [&](SSL* ssl) { SSL_set_session(ssl, lmtp.session.get()); });
    EXPECT_FALSE(smuggled.is_good) << "a session without a certificate is not resumed";
    EXPECT_TRUE(shake(context.get(), showing(client({ "alice" }))).is_good);
}

TEST_F(ClientCertificates, StayKnownInResumedSessionsUntilTheListOfTheRevokedChanges)
{
    settings.client_crl = folder.path() / "crl.pem";
    clients.write_crl(settings.client_crl, client({ "somebody else" }));
    Context context(settings);
    auto const alice = client({ "alice" });
    auto const first = shake(context.get(), showing(alice));
    auto const again = [&] {
        return shake(context.get(), [&](SSL* ssl) {
            showing(alice)(ssl);
            SSL_set_session(ssl, first.session.get());
        });
    };
    auto const resumed = again();
    EXPECT_TRUE(resumed.is_resumed);
    EXPECT_EQ(resumed.names, Names { "alice" });
    clients.write_crl(settings.client_crl, alice);
    context.look(system_clock::now(), Context::Look::at_all);
    EXPECT_FALSE(again().is_good);
    EXPECT_LE(SSL_SESSION_get_ticket_lifetime_hint(first.session.get()), 3600u);
}

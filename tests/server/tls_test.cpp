// TLS between a server's stream and an OpenSSL client: certificates by name, protocols, tickets,
// clients' certificates, and files that are renewed.
#include "server/tls/context.h"
#include "server/tls/host_names.h"
#include "server/tls/stream.h"
#include "tests/server/certificates.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <sys/socket.h>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <functional>
#include <thread>

using namespace mail;
using namespace mail::server::tls;
using namespace std::chrono_literals;
using std::chrono::system_clock;

namespace {

using Credentials = std::shared_ptr<server::tls::Credentials const>;

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
    std::vector<std::string> names = {};
    std::string cipher = {};
};

int last_alert;

/// Blocking client with time limits.
void run_client(int socket, std::function<void(SSL*)> const& prepare, Outcome& outcome)
{
    timeval const limit { 10, 0 };
    ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ContextPtr const context(::SSL_CTX_new(::TLS_client_method()));
    std::unique_ptr<SSL, Free<SSL_free>> const ssl(::SSL_new(context.get()));
    ::SSL_set_info_callback(ssl.get(), [](SSL const*, int where, int what) {
        if ((where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT)
            last_alert = what & 0xff;
    });
    last_alert = 0;
    ::SSL_set_fd(ssl.get(), socket);
    if (prepare)
        prepare(ssl.get());
    char octet = 'x';
    outcome.is_good = ::SSL_connect(ssl.get()) == 1 && ::SSL_write(ssl.get(), &octet, 1) == 1
        && ::SSL_read(ssl.get(), &octet, 1) == 1;
    outcome.alert = last_alert;
    ::ERR_clear_error();
    if (outcome.is_good) {
        auto* const certificate = ::SSL_get0_peer_certificate(ssl.get());
        char name[256] = "";
        ::X509_NAME_get_text_by_NID(
            ::X509_get_subject_name(certificate), NID_commonName, name, sizeof name);
        outcome.subject = name;
        outcome.key_kind = ::EVP_PKEY_get_base_id(::X509_get0_pubkey(certificate));
        unsigned char const* text = nullptr;
        unsigned int size = 0;
        ::SSL_get0_alpn_selected(ssl.get(), &text, &size);
        outcome.application_protocol.assign(reinterpret_cast<char const*>(text), size);
        if (auto const got = SSL_get_tlsext_status_ocsp_resp(ssl.get(), &text); got > 0)
            outcome.ocsp_response.assign(
                reinterpret_cast<char const*>(text), static_cast<std::size_t>(got));
        outcome.is_resumed = ::SSL_session_reused(ssl.get()) == 1;
        outcome.cipher = ::SSL_get_cipher_name(ssl.get());
        ::SSL_set_shutdown(ssl.get(), SSL_SENT_SHUTDOWN); // or the session could not be resumed
        outcome.session = { ::SSL_get1_session(ssl.get()), ::SSL_SESSION_free };
    }
    ::shutdown(socket, SHUT_RDWR);
}

void send_all(int socket, std::string& out)
{
    ::send(socket, out.data(), out.size(), MSG_NOSIGNAL);
    out.clear();
}

void run_server(int socket, Credentials credentials, config::Protocol protocol, Outcome& outcome)
{
    Stream stream(std::move(credentials), protocol, socket);
    std::string out;
    char octet = 0;
    std::size_t got = 0;
    auto step = Stream::Step::want_input;
    auto const until_done = [&](auto const& attempt) {
        for (int i = 0; i < 100 && step == Stream::Step::want_input; ++i) {
            step = attempt();
            send_all(socket, out);
            pollfd readable { socket, POLLIN, 0 };
            if (step == Stream::Step::want_input && ::poll(&readable, 1, 10'000) != 1)
                break;
        }
    };
    until_done([&] { return stream.handshake(out); });
    if (step == Stream::Step::done) {
        outcome.names = stream.certified_names();
        step = Stream::Step::want_input;
        until_done([&] { return stream.read(std::span(&octet, 1), got, out); });
        stream.write(std::string_view(&octet, 1), out);
        send_all(socket, out);
    }
    outcome.failure = stream.failure();
    ::shutdown(socket, SHUT_WR);
}

Outcome shake(Credentials credentials, std::function<void(SSL*)> const& prepare = {},
    config::Protocol protocol = config::Protocol::imap)
{
    std::signal(SIGPIPE, SIG_IGN);
    int sockets[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets), 0);
    EXPECT_EQ(::fcntl(sockets[0], F_SETFL, O_NONBLOCK), 0);
    Outcome outcome;
    std::thread client([&] { run_client(sockets[1], prepare, outcome); });
    run_server(sockets[0], std::move(credentials), protocol, outcome);
    client.join();
    ::close(sockets[0]);
    ::close(sockets[1]);
    return outcome;
}

std::function<void(SSL*)> asking_for(std::string const& name)
{
    return [name](SSL* ssl) { SSL_set_tlsext_host_name(ssl, name.c_str()); };
}

std::function<void(SSL*)> offering(std::vector<std::string> const& protocols)
{
    std::string wire;
    for (auto const& each : protocols)
        wire += static_cast<char>(each.size()) + each;
    return [wire](SSL* ssl) {
        ::SSL_set_alpn_protos(ssl, reinterpret_cast<unsigned char const*>(wire.data()),
            static_cast<unsigned>(wire.size()));
    };
}

std::function<void(SSL*)> showing(config::TlsFiles const& files)
{
    return [files](SSL* ssl) {
        ::SSL_use_certificate_file(ssl, files.certificate.c_str(), SSL_FILETYPE_PEM);
        ::SSL_use_PrivateKey_file(ssl, files.private_key.c_str(), SSL_FILETYPE_PEM);
    };
}

class TlsTest : public testing::Test {
protected:
    test::TemporaryDirectory folder;
    test::Authority authority;
};

} // namespace

// --- names

TEST(HostNames, AreComparedAsRfc6125Says)
{
    EXPECT_EQ(host_name("MAIL.Example.org."), "mail.example.org");
    EXPECT_TRUE(is_for("mail.example.org", "mail.example.org"));
    EXPECT_TRUE(is_for("*.example.org", "mail.example.org"));
    EXPECT_TRUE(is_for("*.example.org", "*.example.org"));
    EXPECT_FALSE(is_for("*.example.org", "example.org"));
    EXPECT_FALSE(is_for("*.example.org", "a.mail.example.org"));
    EXPECT_FALSE(is_for("*.example.org", ".example.org"));
    EXPECT_FALSE(is_for("m*.example.org", "mail.example.org"));
    EXPECT_FALSE(is_for("mail.example.org", "*.example.org"));
    EXPECT_EQ(wildcard_for("localhost"), "");
}

TEST_F(TlsTest, ChoosesCertificatesByName)
{
    config::TlsSettings settings;
    settings.certificates = {
        authority.issue(folder.path(), "default", { "default", "DNS:mail.example.org" }),
        authority.issue(folder.path(), "rsa", { "rsa", "DNS:mail.example.org", "", true }),
        authority.issue(folder.path(), "wild", { "wild", "DNS:*.example.net, DNS:example.net" }),
        authority.issue(folder.path(), "one", { "one", "DNS:one.example.net" }),
        authority.issue(folder.path(), "cn", { .common_name = "old.example.com" }),
    };
    Context context(settings);
    auto const subject
        = [&](std::string const& name) { return shake(context.get(), asking_for(name)).subject; };
    EXPECT_EQ(shake(context.get()).subject, "default") << "no name";
    EXPECT_EQ(subject("unknown.example.org"), "default");
    EXPECT_EQ(subject("MAIL.example.ORG."), "default");
    EXPECT_EQ(subject("two.example.net"), "wild");
    EXPECT_EQ(subject("Two.Example.Net."), "wild");
    EXPECT_EQ(subject("one.example.net"), "one") << "a name itself goes before a wildcard";
    EXPECT_EQ(subject("a.two.example.net"), "default");
    EXPECT_EQ(subject("example.net"), "wild");
    EXPECT_EQ(subject("old.example.com"), "old.example.com");
}

TEST_F(TlsTest, HasRsaBesideEcdsaForTheSameName)
{
    config::TlsSettings settings;
    settings.certificates = {
        authority.issue(folder.path(), "ec", { "ec", "DNS:mail.example.org" }),
        authority.issue(folder.path(), "rsa", { "rsa", "DNS:*.example.org", "", true }),
        authority.issue(folder.path(), "other", { "other", "DNS:mail.example.net", "", true }),
    };
    Context context(settings);
    for (auto const* name : { "mail.example.org", "unknown.example.com" })
        for (auto const& [algorithms, kind] :
            { std::pair("ECDSA+SHA256", EVP_PKEY_EC), std::pair("RSA-PSS+SHA256", EVP_PKEY_RSA),
                std::pair("ECDSA+SHA256:RSA-PSS+SHA256", EVP_PKEY_EC) })
            for (int const version : { TLS1_2_VERSION, TLS1_3_VERSION }) {
                auto const got = shake(context.get(), [&, a = algorithms](SSL* ssl) {
                    SSL_set_tlsext_host_name(ssl, name);
                    SSL_set_max_proto_version(ssl, version);
                    SSL_set1_sigalgs_list(ssl, a);
                });
                // The default is for its own names; an unknown one is nobody's.
                EXPECT_TRUE(got.is_good) << name << algorithms << version << got.failure;
                EXPECT_EQ(got.key_kind, kind) << name << algorithms << version;
            }
}

// --- application protocols

TEST_F(TlsTest, AgreesOnTheApplicationProtocolOrRefuses)
{
    config::TlsSettings settings;
    settings.certificates = { authority.issue(folder.path(), "one", { "one", "DNS:one.example" }) };
    Context context(settings);
    EXPECT_EQ(shake(context.get()).application_protocol, "");
    EXPECT_EQ(shake(context.get(), offering({ "imap" })).application_protocol, "imap");
    EXPECT_EQ(shake(context.get(), offering({ "h2", "imap" })).application_protocol, "imap");
    EXPECT_EQ(
        shake(context.get(), offering({ "pop3" }), config::Protocol::pop3).application_protocol,
        "pop3");
    for (int const version : { TLS1_2_VERSION, TLS1_3_VERSION }) {
        auto const refused = shake(context.get(), [version](SSL* ssl) {
            offering({ "h2", "http/1.1" })(ssl);
            SSL_set_max_proto_version(ssl, version);
        });
        EXPECT_FALSE(refused.is_good);
        EXPECT_EQ(refused.alert, SSL_AD_NO_APPLICATION_PROTOCOL);
        EXPECT_NE(refused.failure.find("h2 http/1.1"), std::string::npos) << refused.failure;
    }
    EXPECT_FALSE(shake(context.get(), offering({ "imap" }), config::Protocol::pop3).is_good);
    auto const lmtp = shake(context.get(), offering({ "h2" }), config::Protocol::lmtp);
    EXPECT_TRUE(lmtp.is_good) << "there is no name for LMTP";
    EXPECT_EQ(lmtp.application_protocol, "");
}

// --- OCSP

TEST_F(TlsTest, StaplesOnlyWhatIsOfUse)
{
    auto files = authority.issue(folder.path(), "one", { "one", "DNS:one.example" });
    files.ocsp_response = folder.path() / "one.ocsp";
    auto const other = authority.issue(folder.path(), "two", { "two", "DNS:two.example" });
    config::TlsSettings settings;
    settings.certificates = { files };
    auto const stapled = [&](std::string* said = nullptr) {
        Context context(settings);
        for (auto const& remark : context.look(system_clock::now()))
            if (said && remark.text.find("stapled") != std::string::npos)
                *said = remark.text;
        return shake(context.get(), [](SSL* ssl) {
            SSL_set_tlsext_status_type(ssl, TLSEXT_STATUSTYPE_ocsp);
        }).ocsp_response;
    };
    std::string said;
    EXPECT_EQ(stapled(&said), "");
    EXPECT_NE(said.find("No such file"), std::string::npos) << said;
    authority.write_ocsp_response(files.ocsp_response, files);
    EXPECT_EQ(stapled(), read_file(files.ocsp_response));
    authority.write_ocsp_response(files.ocsp_response, other);
    EXPECT_EQ(stapled(&said), "");
    EXPECT_NE(said.find("is not about the certificate"), std::string::npos) << said;
    authority.write_ocsp_response(files.ocsp_response, files, test::Authority::Status::revoked);
    EXPECT_EQ(stapled(&said), "");
    EXPECT_NE(said.find("revoked"), std::string::npos) << said;
    authority.write_ocsp_response(files.ocsp_response, files, test::Authority::Status::good, -1s);
    EXPECT_EQ(stapled(&said), "");
    EXPECT_NE(said.find("was good until"), std::string::npos) << said;
    test::Authority("Test Authority").write_ocsp_response(files.ocsp_response, files);
    EXPECT_EQ(stapled(&said), "") << "signed by another of the same name";
    std::ofstream(files.ocsp_response) << "nonsense";
    EXPECT_EQ(stapled(&said), "");
    EXPECT_NE(said.find("not in DER form"), std::string::npos) << said;
}

TEST_F(TlsTest, StopsStaplingWhenTheResponseIsOldAndTakesANewOne)
{
    auto files = authority.issue(folder.path(), "one", { "one", "DNS:one.example" });
    files.ocsp_response = folder.path() / "one.ocsp";
    authority.write_ocsp_response(files.ocsp_response, files);
    config::TlsSettings settings;
    settings.certificates = { files };
    Context context(settings);
    auto const certificate = [&] { return context.get()->default_context(); };
    auto const has_response = [&] {
        return context.get()->ocsp_response_of(::SSL_CTX_get0_certificate(certificate()))
            != nullptr;
    };
    context.look(system_clock::now());
    EXPECT_TRUE(has_response());
    auto const said = context.look(system_clock::now() + 25h); // the report of the day comes along
    EXPECT_FALSE(has_response());
    ASSERT_EQ(said.size(), 1u);
    EXPECT_NE(said[0].text.find("was good until"), std::string::npos) << said[0].text;
    EXPECT_TRUE(context.look(system_clock::now() + 25h).empty()) << "said once";
    std::this_thread::sleep_for(10ms); // another time of change
    authority.write_ocsp_response(
        files.ocsp_response, files, test::Authority::Status::good, 24h * 7);
    context.look(system_clock::now() + 25h);
    EXPECT_EQ(context.look(system_clock::now() + 25h).size(), 1u);
    EXPECT_TRUE(has_response());
}

// --- tickets

TEST_F(TlsTest, ResumesAcrossRenewalAndThreads)
{
    auto const files = authority.issue(folder.path(), "one", { "one", "DNS:one.example" });
    config::TlsSettings settings;
    settings.certificates
        = { files, authority.issue(folder.path(), "two", { "two", "DNS:two.example" }) };
    Context context(settings);
    for (int const version : { TLS1_2_VERSION, TLS1_3_VERSION })
        for (auto const* name : { "one.example", "two.example" }) {
            auto const prepare = [&](SSL* ssl) {
                SSL_set_tlsext_host_name(ssl, name);
                SSL_set_max_proto_version(ssl, version);
            };
            auto const first = shake(context.get(), prepare);
            EXPECT_FALSE(first.is_resumed);
            authority.issue(folder.path(), "one", { "renewed", "DNS:one.example" });
            context.look(system_clock::now(), Context::Look::at_all);
            EXPECT_EQ(shake(context.get(), asking_for("one.example")).subject, "renewed");
            auto const second = shake(context.get(), [&](SSL* ssl) {
                prepare(ssl);
                SSL_set_session(ssl, first.session.get());
            });
            EXPECT_TRUE(second.is_good);
            EXPECT_TRUE(second.is_resumed) << name << version;
            authority.issue(folder.path(), "one", { "one", "DNS:one.example" });
            context.look(system_clock::now(), Context::Look::at_all);
        }
}

TEST_F(TlsTest, KeysOfTicketsLiveTwoPeriods)
{
    std::vector const shown { Shown { std::make_shared<Certificate const>(
        authority.issue(folder.path(), "one", { "one", "DNS:one.example" })) } };
    TicketKeys::Clock::time_point now {};
    auto const keys = std::make_shared<TicketKeys>(now);
    auto const credentials = std::make_shared<server::tls::Credentials const>(
        config::TlsSettings {}, shown, nullptr, keys);
    auto const ticket = shake(credentials).session;
    auto const resumes = [&](std::shared_ptr<SSL_SESSION> const& with) {
        auto const outcome
            = shake(credentials, [&](SSL* ssl) { SSL_set_session(ssl, with.get()); });
        EXPECT_TRUE(outcome.is_good);
        return outcome.is_resumed;
    };
    EXPECT_TRUE(resumes(ticket));
    keys->rotate_if_due(now += TicketKeys::period - 1s);
    EXPECT_TRUE(resumes(ticket));
    keys->rotate_if_due(now += 1s);
    EXPECT_TRUE(resumes(ticket)) << "the old key still opens";
    auto const younger = shake(credentials).session;
    keys->rotate_if_due(now += TicketKeys::period);
    EXPECT_FALSE(resumes(ticket));
    EXPECT_TRUE(resumes(younger));
    keys->rotate_if_due(now += 2 * TicketKeys::period);
    EXPECT_FALSE(resumes(younger)) << "after a long sleep neither";
}

// --- clients' certificates

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

// --- levels

TEST_F(TlsTest, IsOfMozillasIntermediateLevel)
{
    config::TlsSettings settings;
    settings.certificates = { authority.issue(folder.path(), "one", { "one", "DNS:one.example" }),
        authority.issue(folder.path(), "rsa", { "one", "DNS:one.example", "", true }) };
    auto const takes
        = [&](auto prepare) { return shake(Context(settings).get(), prepare).is_good; };
    auto const cipher = [](char const* name) {
        return [name](SSL* ssl) {
            SSL_set_max_proto_version(ssl, TLS1_2_VERSION);
            SSL_set_security_level(ssl, 0);
            SSL_set_cipher_list(ssl, name);
        };
    };
    for (auto const* good : { "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305" })
        EXPECT_TRUE(takes(cipher(good))) << good;
    for (auto const* bad : { "AES128-GCM-SHA256", "DHE-RSA-AES128-GCM-SHA256", "AES128-SHA",
             "ECDHE-RSA-AES128-SHA256", "ECDHE-ECDSA-AES256-SHA" })
        EXPECT_FALSE(takes(cipher(bad))) << bad;
    EXPECT_TRUE(takes([](SSL* ssl) { SSL_set1_groups_list(ssl, "P-384"); }));
    EXPECT_FALSE(takes([](SSL* ssl) { SSL_set1_groups_list(ssl, "P-521"); }));
    EXPECT_FALSE(takes([](SSL* ssl) {
        SSL_set_security_level(ssl, 0);
        SSL_set_max_proto_version(ssl, TLS1_1_VERSION);
    }));
    auto const chosen = shake(Context(settings).get(), [](SSL* ssl) {
        SSL_set_ciphersuites(ssl, "TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256");
    });
    EXPECT_EQ(chosen.cipher, "TLS_CHACHA20_POLY1305_SHA256") << "the client chooses";

    settings.only_tls13 = true;
    EXPECT_FALSE(takes([](SSL* ssl) { SSL_set_max_proto_version(ssl, TLS1_2_VERSION); }));
    settings.suites = { "TLS_AES_256_GCM_SHA384" };
    settings.groups = { "P-521" };
    EXPECT_TRUE(takes([](SSL* ssl) { SSL_set1_groups_list(ssl, "P-521"); }));
    EXPECT_FALSE(takes([](SSL* ssl) { SSL_set_ciphersuites(ssl, "TLS_AES_128_GCM_SHA256"); }));
}

// --- files

class TlsFilesTest : public TlsTest {
protected:
    TlsFilesTest()
    {
        settings.certificates
            = { authority.issue(folder.path(), "one", { "one", "DNS:one.example" }),
                  authority.issue(folder.path(), "two", { "two", "DNS:two.example" }) };
    }
    std::string error() const
    {
        try {
            Context const context(settings);
        } catch (std::runtime_error const& failure) {
            return failure.what();
        }
        return {};
    }
    static std::string texts(std::vector<Remark> const& remarks)
    {
        std::string all;
        for (auto const& each : remarks)
            all += each.text + "\n";
        return all;
    }
    static void expect_contains(std::string const& text, std::string const& part)
    {
        EXPECT_NE(text.find(part), std::string::npos) << text;
    }
    void replace(char const* file, char const* by)
    {
        std::filesystem::rename(folder.path() / by, folder.path() / file);
    }
    config::TlsSettings settings;
};

TEST_F(TlsFilesTest, EveryMistakeIsNamed)
{
    auto const good = settings;
    settings.certificates[0].certificate = folder.path() / "missing.pem";
    settings.certificates[1].private_key = good.certificates[0].private_key;
    expect_contains(error(), "missing.pem: No such file");
    expect_contains(error(), "two.pem; name the key");
    settings = good;
    settings.certificates[0].private_key = settings.certificates[0].certificate;
    expect_contains(error(), "cannot use the private key");
    settings = good;
    { // the chain before the certificate
        auto const first = test::read_certificate(good.certificates[0].certificate);
        authority.write_certificate(folder.path() / "turned.pem");
        std::ofstream(folder.path() / "turned.pem", std::ios::app)
            << read_file(good.certificates[0].certificate);
        settings.certificates[0].certificate = folder.path() / "turned.pem";
    }
    expect_contains(error(), "number 2 in that file, which must be the first");
    std::ofstream(folder.path() / "turned.pem") << "nothing\n";
    expect_contains(error(), "has no certificate in PEM form");
    std::ofstream(folder.path() / "turned.pem")
        << read_file(good.certificates[0].certificate).substr(0, 300);
    expect_contains(error(), "turned.pem is broken or half written");
    {
        auto const key = test::read_key(good.certificates[0].private_key);
        BioPtr const out(::BIO_new_file((folder.path() / "sealed.key").c_str(), "w"));
        unsigned char passphrase[] = "secret";
        ::PEM_write_bio_PrivateKey(
            out.get(), key.get(), ::EVP_aes_128_cbc(), passphrase, 6, nullptr, nullptr);
    }
    settings = good;
    settings.certificates[0].private_key = folder.path() / "sealed.key";
    expect_contains(error(), "encrypted with a passphrase");
    settings = good;
    settings.ciphers = { "ECDHE-RSA-AES128-GCM-SHA256", "NO-SUCH-CIPHER" };
    expect_contains(error(), "tls.ciphers: OpenSSL does not know \"NO-SUCH-CIPHER\"");
    settings = good;
    settings.groups = { "X25519", "curve1" };
    expect_contains(error(), "tls.groups: OpenSSL does not know \"curve1\"");
    settings = good;
    settings.client_certificate = config::ClientCertificate::required;
    settings.client_ca = good.certificates[0].private_key;
    expect_contains(error(), "has no certificate in PEM form");
    settings.client_ca = good.certificates[0].certificate;
    settings.client_crl = good.certificates[0].certificate;
    expect_contains(error(), "is no list of revoked certificates");
}

TEST_F(TlsFilesTest, SaysAtTheStartAndThenDailyWhatExpires)
{
    settings.certificates.push_back(authority.issue(
        folder.path(), "old", { .common_name = "old", .begins = -2h, .ends = -1h }));
    settings.certificates.push_back(
        authority.issue(folder.path(), "soon", { .common_name = "soon", .ends = 24h * 10 + 1h }));
    settings.certificates.push_back(
        authority.issue(folder.path(), "early", { .common_name = "early", .begins = 24h }));
    Context context(settings);
    auto const now = system_clock::now();
    auto const first = texts(context.look(now));
    expect_contains(first, "one.pem (one.example) is good until");
    expect_contains(first, "old.pem (old) expired on");
    expect_contains(first, "for 10 days; renew it");
    expect_contains(first, "early.pem (early) is not valid before");
    EXPECT_EQ(texts(context.look(now + 23h)), "");
    auto const second = texts(context.look(now + 24h));
    expect_contains(second, "old.pem (old) expired");
    EXPECT_EQ(second.find("one.pem"), std::string::npos) << "there is time";
    EXPECT_NE(texts(context.look(now + 24h * 80)).find("one.pem"), std::string::npos);
}

TEST_F(TlsFilesTest, DoubtsChains)
{
    auto const& file = settings.certificates[0].certificate;
    auto const first = [&] { return texts(Context(settings).look(system_clock::now())); };
    EXPECT_EQ(first().find("chain"), std::string::npos);
    auto const whole = read_file(file);
    auto const leaf_end = whole.find("-----END CERTIFICATE-----") + 26;
    std::ofstream(file) << whole.substr(0, leaf_end);
    expect_contains(first(), "may be incomplete: it ends before \"CN=Test Authority\"");
    test::Authority("Stranger").write_certificate(folder.path() / "stranger.pem");
    std::ofstream(file) << whole.substr(0, leaf_end) << read_file(folder.path() / "stranger.pem");
    expect_contains(first(), "put the chain in order");
}

TEST_F(TlsFilesTest, TakesRenewedFilesOnceTheyAreAtRest)
{
    Context context(settings);
    auto const now = system_clock::now();
    context.look(now);
    auto const before = context.get();
    context.look(now);
    EXPECT_EQ(context.get(), before) << "unchanged files are not read again";
    authority.issue(folder.path(), "new", { "renewed", "DNS:one.example" });
    replace("one.pem", "new.pem");
    EXPECT_EQ(texts(context.look(now)), "") << "the key may follow";
    replace("one.key", "new.key");
    EXPECT_EQ(texts(context.look(now)), "");
    expect_contains(texts(context.look(now)), "renewed: the certificate");
    EXPECT_EQ(shake(context.get()).subject, "renewed");
    EXPECT_EQ(shake(before).subject, "one") << "those that began before";
}

TEST_F(TlsFilesTest, BrokenFilesChangeNothingAndAreToldOnce)
{
    Context context(settings);
    auto const now = system_clock::now();
    context.look(now);
    std::ofstream(settings.certificates[0].certificate) << "half";
    authority.issue(folder.path(), "two", { "renewed", "DNS:two.example" });
    EXPECT_EQ(texts(context.look(now)), "");
    auto const said = texts(context.look(now));
    expect_contains(said, "stays the old one");
    expect_contains(said, "two.pem"); // one that is broken does not keep the other
    EXPECT_EQ(texts(context.look(now)), "");
    EXPECT_EQ(shake(context.get()).subject, "one");
    EXPECT_EQ(shake(context.get(), asking_for("two.example")).subject, "renewed");
    expect_contains(texts(context.look(now, Context::Look::at_all)), "stays the old one");
    authority.issue(folder.path(), "one", { "mended", "DNS:one.example" });
    context.look(now);
    context.look(now);
    EXPECT_EQ(shake(context.get()).subject, "mended");
}

TEST_F(TlsFilesTest, FollowsLinksAsCertbotTurnsThem)
{
    auto const live = folder.path() / "live";
    std::filesystem::create_directory(live);
    auto const turn = [&](std::string const& to) {
        for (auto const* kind : { ".pem", ".key" }) {
            std::filesystem::create_symlink(folder.path() / (to + kind), live / "new");
            std::filesystem::rename(live / "new", live / (std::string("live") + kind));
        }
    };
    turn("one");
    settings.certificates = { { live / "live.pem", live / "live.key", {} } };
    Context context(settings);
    auto const now = system_clock::now();
    EXPECT_EQ(shake(context.get()).subject, "one");
    turn("two");
    context.look(now);
    context.look(now);
    EXPECT_EQ(shake(context.get()).subject, "two");
}

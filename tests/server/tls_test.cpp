// Choices of the handshake: certificates by name and kind of key, protocols, OCSP responses,
// tickets, suites.
#include "server/tls/host_names.h"
#include "tests/server/tls_handshake.h"

#include <fstream>
#include <thread>

using namespace mail;
using namespace mail::server::tls;
using namespace std::chrono_literals;
using std::chrono::system_clock;
using test::asking_for;
using test::offering;
using test::shake;
using test::TlsTest;

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
    auto const chosen_of = [&](char const* offered) {
        return shake(Context(settings).get(), [offered](SSL* ssl) {
            SSL_set_ciphersuites(ssl, offered);
        }).cipher;
    };
    EXPECT_EQ(chosen_of("TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:"
                        "TLS_AES_128_GCM_SHA256"),
        "TLS_AES_128_GCM_SHA256")
        << "by the server's order";
    EXPECT_EQ(chosen_of("TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256"),
        "TLS_CHACHA20_POLY1305_SHA256")
        << "what a client without AES in hardware names first";

    settings.only_tls13 = true;
    EXPECT_FALSE(takes([](SSL* ssl) { SSL_set_max_proto_version(ssl, TLS1_2_VERSION); }));
    settings.suites = { "TLS_AES_256_GCM_SHA384" };
    settings.groups = { "P-521" };
    EXPECT_TRUE(takes([](SSL* ssl) { SSL_set1_groups_list(ssl, "P-521"); }));
    EXPECT_FALSE(takes([](SSL* ssl) { SSL_set_ciphersuites(ssl, "TLS_AES_128_GCM_SHA256"); }));
}

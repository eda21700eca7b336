// Files of certificates: mistakes in them, what expires, and how renewed ones are taken up.
#include "tests/server/tls_client.h"
#include "tests/server/tls_handshake.h"

#include <openssl/pem.h>

#include <fstream>

using namespace mail;
using namespace mail::server::tls;
using namespace std::chrono_literals;
using std::chrono::system_clock;
using test::asking_for;
using test::shake;
using test::TlsTest;

namespace {

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

} // namespace

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
    settings.certificates = { test::make_certificate(folder.path()) };
    EXPECT_EQ(first().find("chain"), std::string::npos) << "its own authority";
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

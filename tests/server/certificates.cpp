// Issues with OpenSSL.
#include "tests/server/certificates.h"

#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <cstdio>

namespace mail::test {

using namespace server::tls;

namespace {

    using FilePtr = std::unique_ptr<FILE, Free<std::fclose>>;

    FilePtr open(std::filesystem::path const& file, char const* mode)
    {
        FilePtr opened(std::fopen(file.c_str(), mode));
        if (!opened)
            throw std::runtime_error("cannot open " + file.string());
        return opened;
    }

    CertificatePtr make(EVP_PKEY* key, Wanted const& wanted)
    {
        static long serial = 1000;
        CertificatePtr made(::X509_new());
        ::X509_set_version(made.get(), 2);
        ::ASN1_INTEGER_set(::X509_get_serialNumber(made.get()), ++serial);
        ::X509_gmtime_adj(X509_getm_notBefore(made.get()), wanted.begins.count());
        ::X509_gmtime_adj(X509_getm_notAfter(made.get()), wanted.ends.count());
        ::X509_set_pubkey(made.get(), key);
        auto* const subject = ::X509_get_subject_name(made.get());
        auto const add = [&](char const* field, std::string const& value) {
            if (!value.empty())
                ::X509_NAME_add_entry_by_txt(subject, field, MBSTRING_UTF8,
                    reinterpret_cast<unsigned char const*>(value.data()),
                    static_cast<int>(value.size()), -1, 0);
        };
        add("CN", wanted.common_name);
        add("emailAddress", wanted.subject_email);
        return made;
    }

    void extend(X509* certificate, int id, std::string const& value)
    {
        auto* const extension = ::X509V3_EXT_conf_nid(nullptr, nullptr, id, value.c_str());
        if (!extension)
            throw std::runtime_error("no such extension: " + value);
        ::X509_add_ext(certificate, extension, -1);
        ::X509_EXTENSION_free(extension);
    }

} // namespace

CertificatePtr read_certificate(std::filesystem::path const& file)
{
    return CertificatePtr(::PEM_read_X509(open(file, "r").get(), nullptr, nullptr, nullptr));
}

KeyPtr read_key(std::filesystem::path const& file)
{
    return KeyPtr(::PEM_read_PrivateKey(open(file, "r").get(), nullptr, nullptr, nullptr));
}

Authority::Authority(std::string const& name)
    : key_(EVP_EC_gen("P-256"))
    , certificate_(make(key_.get(), { .common_name = name }))
{
    ::X509_set_issuer_name(certificate_.get(), ::X509_get_subject_name(certificate_.get()));
    extend(certificate_.get(), NID_basic_constraints, "critical,CA:TRUE");
    ::X509_sign(certificate_.get(), key_.get(), ::EVP_sha256());
}

config::TlsFiles Authority::issue(
    std::filesystem::path const& folder, std::string const& stem, Wanted const& wanted) const
{
    KeyPtr const key(wanted.is_rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256"));
    auto const made = make(key.get(), wanted);
    ::X509_set_issuer_name(made.get(), ::X509_get_subject_name(certificate_.get()));
    if (!wanted.alternative_names.empty())
        extend(made.get(), NID_subject_alt_name, wanted.alternative_names);
    ::X509_sign(made.get(), key_.get(), ::EVP_sha256());
    config::TlsFiles const files { folder / (stem + ".pem"), folder / (stem + ".key"), {} };
    auto const out = open(files.certificate, "w");
    ::PEM_write_X509(out.get(), made.get());
    ::PEM_write_X509(out.get(), certificate_.get());
    ::PEM_write_PrivateKey(
        open(files.private_key, "w").get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    return files;
}

void Authority::write_certificate(std::filesystem::path const& file) const
{
    ::PEM_write_X509(open(file, "w").get(), certificate_.get());
}

void Authority::write_ocsp_response(std::filesystem::path const& file,
    config::TlsFiles const& about, Status status, std::chrono::seconds next_update) const
{
    auto const certificate = read_certificate(about.certificate);
    std::unique_ptr<OCSP_CERTID, Free<OCSP_CERTID_free>> const id(
        ::OCSP_cert_to_id(::EVP_sha1(), certificate.get(), certificate_.get()));
    std::unique_ptr<ASN1_TIME, Free<ASN1_TIME_free>> const now(::X509_gmtime_adj(nullptr, -60));
    std::unique_ptr<ASN1_TIME, Free<ASN1_TIME_free>> const next(
        ::X509_gmtime_adj(nullptr, static_cast<long>(next_update.count())));
    BasicResponsePtr const basic(::OCSP_BASICRESP_new());
    bool const is_good = status == Status::good;
    ::OCSP_basic_add1_status(basic.get(), id.get(),
        is_good ? V_OCSP_CERTSTATUS_GOOD : V_OCSP_CERTSTATUS_REVOKED, 0,
        is_good ? nullptr : now.get(), now.get(), next.get());
    ::OCSP_basic_sign(
        basic.get(), certificate_.get(), key_.get(), ::EVP_sha256(), nullptr, OCSP_NOCERTS);
    ResponsePtr const response(
        ::OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic.get()));
    unsigned char* octets = nullptr;
    auto const size = ::i2d_OCSP_RESPONSE(response.get(), &octets);
    std::fwrite(octets, 1, static_cast<std::size_t>(size), open(file, "w").get());
    ::OPENSSL_free(octets);
}

void Authority::write_crl(std::filesystem::path const& file, config::TlsFiles const& revoked) const
{
    CrlPtr const crl(::X509_CRL_new());
    ::X509_CRL_set_version(crl.get(), 1);
    ::X509_CRL_set_issuer_name(crl.get(), ::X509_get_subject_name(certificate_.get()));
    std::unique_ptr<ASN1_TIME, Free<ASN1_TIME_free>> const now(::X509_gmtime_adj(nullptr, -60));
    std::unique_ptr<ASN1_TIME, Free<ASN1_TIME_free>> const next(::X509_gmtime_adj(nullptr, 3600));
    ::X509_CRL_set1_lastUpdate(crl.get(), now.get());
    ::X509_CRL_set1_nextUpdate(crl.get(), next.get());
    auto* const entry = ::X509_REVOKED_new();
    ::X509_REVOKED_set_serialNumber(
        entry, ::X509_get_serialNumber(read_certificate(revoked.certificate).get()));
    ::X509_REVOKED_set_revocationDate(entry, now.get());
    ::X509_CRL_add0_revoked(crl.get(), entry);
    ::X509_CRL_sign(crl.get(), key_.get(), ::EVP_sha256());
    ::PEM_write_X509_CRL(open(file, "w").get(), crl.get());
}

} // namespace mail::test

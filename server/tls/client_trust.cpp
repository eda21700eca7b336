// Authorities and revocations, in the form that OpenSSL checks against.
#include "server/tls/client_trust.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/sha.h>

#include <stdexcept>

namespace mail::server::tls {

ClientTrust::ClientTrust(config::TlsSettings const& settings)
    : wanted_(settings.client_certificate)
    , ca_file_(settings.client_ca)
    , crl_file_(settings.client_crl)
    , store_(::X509_STORE_new())
{
    auto const authorities = read_file(ca_file_);
    authorities_ = read_certificates(authorities, ca_file_);
    for (int i = 0; i < sk_X509_num(authorities_.get()); ++i)
        ::X509_STORE_add_cert(store_.get(), sk_X509_value(authorities_.get(), i));
    // An authority below a root may be named without it.
    ::X509_STORE_set_flags(store_.get(), X509_V_FLAG_PARTIAL_CHAIN);
    if (!crl_file_.empty())
        read_crls();
    auto const seen = authorities + '\0' + (crl_file_.empty() ? "" : read_file(crl_file_));
    digest_.resize(SHA256_DIGEST_LENGTH);
    ::SHA256(reinterpret_cast<unsigned char const*>(seen.data()), seen.size(),
        reinterpret_cast<unsigned char*>(digest_.data()));
}

void ClientTrust::read_crls()
{
    auto const pem = read_file(crl_file_);
    auto const in = reader_of(pem);
    ::ERR_clear_error();
    while (auto* const crl = ::PEM_read_bio_X509_CRL(in.get(), nullptr, nullptr, nullptr)) {
        crls_.emplace_back(crl);
        ::X509_STORE_add_crl(store_.get(), crl);
    }
    if (ERR_GET_REASON(::ERR_peek_last_error()) != PEM_R_NO_START_LINE || crls_.empty())
        fail(fmt::format(
            "{} is no list of revoked certificates in PEM form (-----BEGIN X509 CRL-----)",
            crl_file_.string()));
    ::ERR_clear_error();
    ::X509_STORE_set_flags(store_.get(), X509_V_FLAG_CRL_CHECK | X509_V_FLAG_PARTIAL_CHAIN);
}

void ClientTrust::use_in(SSL_CTX* context) const
{
    ::SSL_CTX_set1_cert_store(context, store_.get());
    auto* const names = sk_X509_NAME_new_null();
    for (int i = 0; i < sk_X509_num(authorities_.get()); ++i)
        sk_X509_NAME_push(
            names, ::X509_NAME_dup(::X509_get_subject_name(sk_X509_value(authorities_.get(), i))));
    ::SSL_CTX_set_client_CA_list(context, names); // takes it over
    int mode = SSL_VERIFY_PEER;
    if (wanted_ == config::ClientCertificate::required)
        mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
    ::SSL_CTX_set_verify(context, mode, nullptr);
    ::SSL_CTX_set_verify_depth(context, 8);
    ::SSL_CTX_set_max_cert_list(context, 32 * 1024);
}

std::vector<std::string> ClientTrust::doubts(Time now) const
{
    std::vector<std::string> all;
    for (int i = 0; i < sk_X509_num(authorities_.get()); ++i) {
        auto* const authority = sk_X509_value(authorities_.get(), i);
        if (auto const end = time_of(::X509_get0_notAfter(authority)); end <= now)
            all.push_back(
                fmt::format("in {} the authority \"{}\" expired on {}: certificates that it "
                            "signed are refused",
                    ca_file_.string(), subject_of(authority), date_of(end)));
    }
    for (auto const& crl : crls_) {
        auto const* next = ::X509_CRL_get0_nextUpdate(crl.get());
        if (next && time_of(next) <= now)
            all.push_back(
                fmt::format("the list {} of revoked certificates was good until {}: its "
                            "authority's certificates are refused until there is a new one",
                    crl_file_.string(), date_of(time_of(next))));
    }
    return all;
}

} // namespace mail::server::tls

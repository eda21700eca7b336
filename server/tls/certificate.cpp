// Loads a certificate and judges its chain.
#include "server/tls/certificate.h"

#include "server/tls/host_names.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <stdexcept>

namespace mail::server::tls {

namespace {

    /// Instead of asking at the terminal: a server has nobody there.
    int no_passphrase(char*, int, int, void* asked)
    {
        *static_cast<bool*>(asked) = true;
        return -1;
    }

    KeyPtr read_key(std::filesystem::path const& file)
    {
        auto const pem = read_file(file);
        auto const in = reader_of(pem);
        bool is_encrypted = false;
        ::ERR_clear_error();
        KeyPtr key(::PEM_read_bio_PrivateKey(in.get(), nullptr, no_passphrase, &is_encrypted));
        if (is_encrypted) {
            ::ERR_clear_error();
            throw std::runtime_error(fmt::format(
                "the private key {0} is encrypted with a passphrase; store it without one: openssl "
                "pkey -in {0} -out NEW",
                file.string()));
        }
        if (!key)
            fail(fmt::format("cannot use the private key {}", file.string()));
        return key;
    }

    std::string text_of(ASN1_STRING const* string)
    {
        return std::string(reinterpret_cast<char const*>(::ASN1_STRING_get0_data(string)),
            static_cast<std::size_t>(::ASN1_STRING_length(string)));
    }

    std::vector<std::string> host_names_of(X509* certificate)
    {
        std::vector<std::string> names;
        auto* const all = static_cast<GENERAL_NAMES*>(
            ::X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
        for (int i = 0; i < sk_GENERAL_NAME_num(all); ++i) {
            auto const* name = sk_GENERAL_NAME_value(all, i);
            if (name->type == GEN_DNS)
                names.push_back(host_name(text_of(name->d.dNSName)));
        }
        ::GENERAL_NAMES_free(all);
        if (all)
            return names;
        auto* const subject = ::X509_get_subject_name(certificate);
        int const at = ::X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
        if (at >= 0)
            names.push_back(
                host_name(text_of(::X509_NAME_ENTRY_get_data(::X509_NAME_get_entry(subject, at)))));
        return names;
    }

    [[noreturn]] void refuse_key(
        config::TlsFiles const& files, STACK_OF(X509) * certificates, EVP_PKEY* key)
    {
        auto advice = fmt::format("name the key that the certificate was made with");
        for (int i = 1; i < sk_X509_num(certificates); ++i)
            if (::X509_check_private_key(sk_X509_value(certificates, i), key) == 1)
                advice = fmt::format(
                    "it belongs to the certificate number {} in that file, which must be the first",
                    i + 1);
        ::ERR_clear_error();
        throw std::runtime_error(
            fmt::format("the private key {} does not belong to the certificate {}; {}",
                files.private_key.string(), files.certificate.string(), advice));
    }

    /// By its names; X509_check_issued would ask as well whether it may sign certificates.
    bool is_self_issued(X509* certificate)
    {
        return (::X509_get_extension_flags(certificate) & EXFLAG_SI) != 0;
    }

    /// Whether this machine trusts who signed the certificate directly.
    bool is_issued_by_known_root(X509* certificate)
    {
        StorePtr const store(::X509_STORE_new());
        ::X509_STORE_set_default_paths(store.get());
        auto* const search = ::X509_STORE_CTX_new();
        X509* root = nullptr;
        bool const found = ::X509_STORE_CTX_init(search, store.get(), certificate, nullptr) == 1
            && ::X509_STORE_CTX_get1_issuer(&root, search, certificate) == 1;
        ::X509_free(root);
        ::X509_STORE_CTX_free(search);
        ::ERR_clear_error();
        return found;
    }

} // namespace

Time time_of(ASN1_TIME const* time)
{
    tm parts {};
    if (::ASN1_TIME_to_tm(time, &parts) != 1)
        return {};
    return std::chrono::system_clock::from_time_t(::timegm(&parts));
}

std::string date_of(Time time)
{
    return fmt::format("{:%Y-%m-%d}", fmt::gmtime(std::chrono::system_clock::to_time_t(time)));
}

Certificate::Certificate(config::TlsFiles const& files)
    : file_(files.certificate)
{
    auto const pem = read_file(files.certificate);
    chain_ = read_certificates(pem, files.certificate);
    key_ = read_key(files.private_key);
    if (::X509_check_private_key(sk_X509_value(chain_.get(), 0), key_.get()) != 1)
        refuse_key(files, chain_.get(), key_.get());
    certificate_.reset(sk_X509_shift(chain_.get()));
    names_ = host_names_of(certificate_.get());
    // What a context would refuse, such as a weak key, is found now and not when it is built.
    ContextPtr const trial(::SSL_CTX_new(::TLS_server_method()));
    use_in(trial.get());
}

bool Certificate::is_for(std::string_view name) const
{
    return std::ranges::any_of(names_, [&](auto const& own) { return tls::is_for(own, name); });
}

Time Certificate::not_before() const { return time_of(::X509_get0_notBefore(certificate_.get())); }
Time Certificate::not_after() const { return time_of(::X509_get0_notAfter(certificate_.get())); }

X509* Certificate::issuer() const
{
    if (is_self_issued(certificate_.get()))
        return certificate_.get();
    for (int i = 0; i < sk_X509_num(chain_.get()); ++i)
        if (auto* const each = sk_X509_value(chain_.get(), i);
            ::X509_check_issued(each, certificate_.get()) == X509_V_OK)
            return each;
    return nullptr;
}

bool Certificate::is_same_as(Certificate const& other) const
{
    return ::X509_cmp(certificate_.get(), other.certificate_.get()) == 0;
}

void Certificate::use_in(SSL_CTX* context) const
{
    ::ERR_clear_error();
    if (::SSL_CTX_use_cert_and_key(context, certificate_.get(), key_.get(), chain_.get(), 1) != 1)
        fail(fmt::format("cannot use the certificate {}", file_.string()));
}

std::vector<std::string> Certificate::doubts() const
{
    std::vector<std::string> all;
    if (names_.empty())
        all.push_back(
            fmt::format("the certificate {} names no host; clients will refuse it", file()));
    auto* last = certificate_.get();
    for (int i = 0; i < sk_X509_num(chain_.get()); ++i) {
        auto* const next = sk_X509_value(chain_.get(), i);
        if (::X509_check_issued(next, last) != X509_V_OK)
            all.push_back(
                fmt::format("in {} the certificate of \"{}\" follows that of \"{}\", which "
                            "\"{}\" signed; put the chain in order",
                    file(), subject_of(next), subject_of(last), issuer_of(last)));
        last = next;
    }
    if (!is_self_issued(last) && !is_issued_by_known_root(last))
        all.push_back(fmt::format("the chain in {} may be incomplete: it ends before \"{}\", which "
                                  "this machine does not know; append that authority's certificate "
                                  "unless all clients have it",
            file(), issuer_of(last)));
    return all;
}

} // namespace mail::server::tls

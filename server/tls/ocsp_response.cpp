// Checks an OCSP response against the certificate that it is to go with.
#include "server/tls/ocsp_response.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ocsp.h>

#include <stdexcept>

namespace mail::server::tls {

namespace {

    using CertificateIdPtr = std::unique_ptr<OCSP_CERTID, Free<OCSP_CERTID_free>>;

    constexpr auto clock_skew = std::chrono::minutes(5);

    class Reader {
    public:
        Reader(std::filesystem::path const& file, Certificate const& certificate)
            : file_(file)
            , certificate_(certificate)
        {
        }

        [[noreturn]] void refuse(std::string const& why) const
        {
            ::ERR_clear_error();
            throw std::runtime_error(fmt::format("the OCSP response {} {}", file_.string(), why));
        }

        BasicResponsePtr parse(std::string const& octets) const
        {
            auto const* at = reinterpret_cast<unsigned char const*>(octets.data());
            ResponsePtr const response(
                ::d2i_OCSP_RESPONSE(nullptr, &at, static_cast<long>(octets.size())));
            if (!response)
                refuse("is not in DER form, or half written");
            int const status = ::OCSP_response_status(response.get());
            if (status != OCSP_RESPONSE_STATUS_SUCCESSFUL)
                refuse(fmt::format(
                    "is only a refusal of the responder: {}", ::OCSP_response_status_str(status)));
            BasicResponsePtr basic(::OCSP_response_get1_basic(response.get()));
            if (!basic)
                refuse("is of an unknown type");
            return basic;
        }

        void check_signature(OCSP_BASICRESP* basic, X509* issuer) const
        {
            StorePtr const store(::X509_STORE_new());
            ::X509_STORE_add_cert(store.get(), issuer);
            ::X509_STORE_set_flags(store.get(), X509_V_FLAG_PARTIAL_CHAIN);
            std::unique_ptr<STACK_OF(X509), void (*)(STACK_OF(X509)*)> const untrusted(
                sk_X509_new_null(), [](STACK_OF(X509) * s) { sk_X509_free(s); });
            sk_X509_push(untrusted.get(), issuer);
            if (::OCSP_basic_verify(basic, untrusted.get(), store.get(), 0) != 1)
                refuse(fmt::format(
                    "is not signed by the certificate's authority \"{}\"", subject_of(issuer)));
        }

        /// What it says about this certificate; responses may be about several.
        OCSP_SINGLERESP* find(OCSP_BASICRESP* basic, X509* issuer) const
        {
            for (int i = 0; i < ::OCSP_resp_count(basic); ++i) {
                auto* const single = ::OCSP_resp_get0(basic, i);
                auto const* id = ::OCSP_SINGLERESP_get0_id(single);
                ASN1_OBJECT* hash = nullptr;
                ::OCSP_id_get0_info(nullptr, &hash, nullptr, nullptr, const_cast<OCSP_CERTID*>(id));
                auto const* digest = ::EVP_get_digestbyobj(hash);
                if (!digest)
                    continue;
                CertificateIdPtr const own(::OCSP_cert_to_id(digest, certificate_.get(), issuer));
                if (own && ::OCSP_id_cmp(own.get(), id) == 0)
                    return single;
            }
            refuse(fmt::format("is not about the certificate {}", certificate_.file()));
        }

    private:
        std::filesystem::path const& file_;
        Certificate const& certificate_;
    };

} // namespace

OcspResponse::OcspResponse(
    std::filesystem::path const& file, Certificate const& certificate, Time now)
    : octets_(read_file(file))
{
    ::ERR_clear_error();
    Reader const reader(file, certificate);
    auto const basic = reader.parse(octets_);
    auto* const issuer = certificate.issuer();
    if (!issuer)
        reader.refuse(fmt::format(
            "cannot be checked: append the authority's certificate to {}", certificate.file()));
    auto* const single = reader.find(basic.get(), issuer);
    reader.check_signature(basic.get(), issuer);
    ASN1_GENERALIZEDTIME* this_update = nullptr;
    ASN1_GENERALIZEDTIME* next_update = nullptr;
    int const status
        = ::OCSP_single_get0_status(single, nullptr, nullptr, &this_update, &next_update);
    if (status != V_OCSP_CERTSTATUS_GOOD)
        reader.refuse(fmt::format("says that the certificate is {}; get another certificate",
            ::OCSP_cert_status_str(status)));
    if (this_update && time_of(this_update) > now + clock_skew)
        reader.refuse("is of the future; look at this machine's clock");
    if (next_update)
        next_update_ = time_of(next_update);
    if (next_update_ <= now)
        reader.refuse(fmt::format("was good until {}; get a new one", date_of(next_update_)));
}

} // namespace mail::server::tls

// Reads subject and subjectAltName of clients' certificates.
#include "server/tls/certified_names.h"

#include "server/tls/handles.h"

#include <openssl/objects.h>
#include <openssl/x509v3.h>

#include <algorithm>

namespace mail::server::tls {

namespace {

    constexpr std::size_t max_name = 255;
    constexpr std::size_t max_names = 16;

    using GeneralNamesPtr = std::unique_ptr<GENERAL_NAMES, Free<GENERAL_NAMES_free>>;

    void add(std::vector<std::string>& names, ASN1_STRING const* string)
    {
        unsigned char* octets = nullptr;
        int const size = ::ASN1_STRING_to_UTF8(&octets, string);
        if (size < 0)
            return;
        std::string name(reinterpret_cast<char const*>(octets), static_cast<std::size_t>(size));
        ::OPENSSL_free(octets);
        bool const is_text
            = std::ranges::none_of(name, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
        if (is_text && !name.empty() && name.size() <= max_name && names.size() < max_names)
            names.push_back(std::move(name));
    }

    void add_subject(std::vector<std::string>& names, X509* certificate, int id)
    {
        auto* const subject = ::X509_get_subject_name(certificate);
        for (int at = -1; (at = ::X509_NAME_get_index_by_NID(subject, id, at)) >= 0;)
            add(names, ::X509_NAME_ENTRY_get_data(::X509_NAME_get_entry(subject, at)));
    }

    void add_alternative(std::vector<std::string>& names, X509* certificate, int type)
    {
        GeneralNamesPtr const all(static_cast<GENERAL_NAMES*>(
            ::X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
        for (int i = 0; all && i < sk_GENERAL_NAME_num(all.get()); ++i) {
            auto const* name = sk_GENERAL_NAME_value(all.get(), i);
            if (name->type != type)
                continue;
            if (type == GEN_OTHERNAME) {
                auto const* other = name->d.otherName;
                if (::OBJ_obj2nid(other->type_id) == NID_ms_upn
                    && other->value->type == V_ASN1_UTF8STRING)
                    add(names, other->value->value.utf8string);
            } else {
                add(names, name->d.ia5); // rfc822Name and dNSName alike
            }
        }
    }

    std::vector<std::string> names_of_kind(X509* certificate, config::CertifiedName kind)
    {
        std::vector<std::string> names;
        switch (kind) {
        case config::CertifiedName::email:
            add_alternative(names, certificate, GEN_EMAIL);
            break;
        case config::CertifiedName::dns:
            add_alternative(names, certificate, GEN_DNS);
            break;
        case config::CertifiedName::upn:
            add_alternative(names, certificate, GEN_OTHERNAME);
            break;
        case config::CertifiedName::common_name:
            add_subject(names, certificate, NID_commonName);
            break;
        case config::CertifiedName::subject_email:
            add_subject(names, certificate, NID_pkcs9_emailAddress);
            break;
        }
        return names;
    }

} // namespace

std::vector<std::string> certified_names(
    X509* certificate, std::span<config::CertifiedName const> kinds)
{
    for (auto const kind : kinds)
        if (auto names = names_of_kind(certificate, kind); !names.empty())
            return names;
    return {};
}

} // namespace mail::server::tls

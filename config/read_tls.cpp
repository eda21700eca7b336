// [tls]
#include "config/reading.h"

#include <algorithm>

namespace mail::config {

namespace {

    void read_file(Reading& r, Section& in, std::string_view key, std::filesystem::path& out)
    {
        if (in.path(key, out, r.base))
            require_readable(r, in, key, out, "name a PEM file that this user may read");
    }

    void read_certificate(Reading& r, Section& in)
    {
        TlsFiles files;
        in.require("certificate", "\"/etc/mailroom/certificate.pem\"");
        in.require("private_key", "\"/etc/mailroom/private-key.pem\"");
        read_file(r, in, "certificate", files.certificate);
        read_file(r, in, "private_key", files.private_key);
        // May be missing: what fetches it may run later, and sessions do not depend on it.
        in.path("ocsp_response", files.ocsp_response, r.base);
        auto& all = r.config.tls.certificates;
        auto const is_same
            = [&](TlsFiles const& other) { return other.certificate == files.certificate; };
        if (!files.certificate.empty() && std::ranges::any_of(all, is_same))
            in.complain("certificate", "is there twice; remove one of them");
        all.push_back(std::move(files));
    }

    bool is_list_item(std::string_view name)
    {
        return !name.empty() && std::ranges::all_of(name, [](char c) {
            return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')
                || c == '-' || c == '_';
        });
    }

    void read_client_names(Section& in, std::vector<CertifiedName>& out)
    {
        static constexpr Choice<CertifiedName> kinds[] = {
            { "email", CertifiedName::email },
            { "dns", CertifiedName::dns },
            { "upn", CertifiedName::upn },
            { "cn", CertifiedName::common_name },
            { "subject_email", CertifiedName::subject_email },
        };
        auto const find = [](std::string_view name) {
            return std::ranges::find(kinds, name, &Choice<CertifiedName>::name);
        };
        std::vector<std::string> names;
        if (!in.texts(
                "client_names", names, [&](auto name) { return find(name) != std::end(kinds); },
                "write one or more of \"email\", \"dns\", \"upn\", \"cn\", \"subject_email\""))
            return;
        out.clear();
        for (auto const& name : names)
            if (auto const* kind = find(name); kind != std::end(kinds))
                out.push_back(kind->value);
        if (out.empty())
            in.complain("client_names",
                "is empty: no certificate would name anybody; write, for example, [\"email\"]");
    }

    void read_clients(Reading& r, Section& in, TlsSettings& out)
    {
        static constexpr Choice<ClientCertificate> choices[] = {
            { "none", ClientCertificate::none },
            { "optional", ClientCertificate::optional },
            { "required", ClientCertificate::required },
        };
        in.choice("client_certificate", out.client_certificate, choices);
        read_file(r, in, "client_ca", out.client_ca);
        read_file(r, in, "client_crl", out.client_crl);
        read_client_names(in, out.client_names);
        if (out.client_certificate != ClientCertificate::none && !in.has("client_ca"))
            in.complain("client_certificate",
                "needs to know who signs clients' certificates; add client_ca with a PEM file, or "
                "write \"none\"");
    }

} // namespace

void read_tls(Reading& r, Section& in)
{
    auto& out = r.config.tls;
    read_certificate(r, in);
    for (auto const* each : in.tables("pair")) {
        Section section(r.problems, *each, "tls.pair");
        read_certificate(r, section);
        section.refuse_unknown();
    }
    static constexpr Choice<bool> versions[] = { { "1.2", false }, { "1.3", true } };
    in.choice("minimum_version", out.only_tls13, versions);
    in.texts("ciphers", out.ciphers, is_list_item,
        "write OpenSSL's names for TLS 1.2, such as \"ECDHE-ECDSA-AES128-GCM-SHA256\"");
    in.texts("suites", out.suites, is_list_item,
        "write names of TLS 1.3, such as \"TLS_AES_128_GCM_SHA256\"");
    in.texts("groups", out.groups, is_list_item, "write names such as \"X25519\" or \"secp384r1\"");
    read_clients(r, in, out);
}

} // namespace mail::config

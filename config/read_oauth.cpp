// [auth.oauth]
#include "config/reading.h"

#include <algorithm>

namespace mail::config {

using namespace std::chrono_literals;

namespace {

    bool is_word(std::string_view text)
    {
        return !text.empty() && text.size() <= 1000
            && std::all_of(text.begin(), text.end(),
                [](char c) { return c > 0x20 && c < 0x7f && c != '"' && c != '\\'; });
    }

    void read_word(Section& in, std::string_view key, std::string& out, std::string_view example)
    {
        if (in.text(key, out) && !out.empty() && !is_word(out))
            in.complain(key,
                "has blanks, quotes, or characters beyond ASCII; write one word such as \""
                    + std::string(example) + "\"");
    }

    void read_secret(Reading& r, Section& in, std::string_view key, std::filesystem::path& out)
    {
        if (in.path(key, out, r.base))
            require_readable(
                r, in, key, out, "name a file that holds the secret and that this user may read");
    }

    void read_introspection(Reading& r, Section& in, Introspection& out)
    {
        in.require("url", "\"https://login.example.org/introspect\"");
        std::string url;
        if (in.text("url", url)) {
            auto const parsed = parse_https_url(url);
            if (parsed)
                out.url = *parsed;
            else
                in.complain("url",
                    "is no address that tokens may be sent to; write "
                    "\"https://login.example.org/introspect\"");
        }
        if (in.path("ca_file", out.ca_file, r.base))
            require_readable(
                r, in, "ca_file", out.ca_file, "name a PEM file that this user may read");
        read_word(in, "client_id", out.client_id, "mailroom");
        read_secret(r, in, "client_secret_file", out.client_secret_file);
        read_secret(r, in, "bearer_token_file", out.bearer_token_file);
        if (out.client_id.empty() != out.client_secret_file.empty())
            in.complain(out.client_id.empty() ? "client_secret_file" : "client_id",
                "goes with the other; write both client_id and client_secret_file, or "
                "bearer_token_file alone");
        if (!out.client_id.empty() && !out.bearer_token_file.empty())
            in.complain("bearer_token_file", "is in the place of client_id; remove one of them");
        in.duration("time_limit", out.time_limit, 1s, 60s);
        in.duration("cache_time", out.cache_time, 0s, 1h);
    }

    void read_jwks_files(Reading& r, Section& in, Oauth& out)
    {
        std::vector<std::string> names;
        in.texts(
            "jwks_files", names, [](std::string_view name) { return !name.empty(); },
            "write names of files such as \"/etc/mailroom/jwks.json\"");
        for (auto const& name : names) {
            out.jwks_files.push_back(r.base / name);
            require_readable(r, in, "jwks_files", out.jwks_files.back(),
                "name a file with a JWK Set that this user may read");
        }
        if (names.empty())
            return;
        // Without them each token of the same signer would open mailboxes, whatever it is for (RFC
        // 8725 §3.8, §3.9).
        in.require("issuer", "\"https://login.example.org\"");
        in.require("audience", "[\"mailroom\"]");
    }

} // namespace

void read_oauth(Reading& r, Section& in)
{
    auto& out = r.config.auth.oauth;
    read_jwks_files(r, in, out);
    read_word(in, "issuer", out.issuer, "https://login.example.org");
    in.texts("audience", out.audience, is_word,
        "write those that tokens for this server name, such as \"mailroom\"");
    if (in.has("audience") && out.audience.empty())
        in.complain(
            "audience", "is empty; write [\"mailroom\"] or what tokens for this server name");
    read_word(in, "scope", out.scope, "mail");
    read_word(in, "name_claim", out.name_claim, "email");
    if (out.name_claim.empty())
        in.complain(
            "name_claim", "is empty; write the claim that names the account, such as \"email\"");
    in.duration("leeway", out.leeway, 0s, 10min);
    if (in.text("openid_configuration", out.openid_configuration)
        && !parse_https_url(out.openid_configuration))
        in.complain("openid_configuration",
            "is no https address; write "
            "\"https://login.example.org/.well-known/openid-configuration\"");
    in.texts(
        "hosts", out.hosts, is_word, "write names of this server such as \"mail.example.org\"");
    for (auto& host : out.hosts)
        host = lower_case(host);
    if (auto const* table = in.table("introspection")) {
        Section section(r.problems, *table, "auth.oauth.introspection");
        read_introspection(r, section, out.introspection);
        section.refuse_unknown();
    } else if (out.jwks_files.empty()) {
        in.complain("jwks_files",
            "is not there, so tokens cannot be checked; write jwks_files, or a section "
            "[auth.oauth.introspection]");
    }
}

} // namespace mail::config

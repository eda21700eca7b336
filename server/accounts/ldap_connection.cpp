#include "server/accounts/ldap_connection.h"

#include "server/accounts/source.h"
#include "server/accounts/users.h"

#include <fmt/format.h>
#include <ldap.h>

#include <memory>

namespace mail::server {

namespace {

    std::filesystem::path const system_authorities = "/etc/ssl/certs/ca-certificates.crt";

    struct FreeMessage {
        void operator()(LDAPMessage* message) const { ::ldap_msgfree(message); }
    };
    using Message = std::unique_ptr<LDAPMessage, FreeMessage>;

    struct FreeText {
        void operator()(char* text) const { ::ldap_memfree(text); }
    };
    using Text = std::unique_ptr<char, FreeText>;

    LdapEntry read_entry(LDAP* handle, LDAPMessage* message)
    {
        LdapEntry entry;
        if (Text const dn(::ldap_get_dn(handle, message)); dn)
            entry.dn = dn.get();
        BerElement* place = nullptr;
        for (Text name(::ldap_first_attribute(handle, message, &place)); name;
             name.reset(::ldap_next_attribute(handle, message, place))) {
            auto** const values = ::ldap_get_values_len(handle, message, name.get());
            auto& read = entry.values[lower_case(name.get())];
            for (auto** value = values; value && *value; ++value)
                read.emplace_back((*value)->bv_val, (*value)->bv_len);
            ::ldap_value_free_len(values);
        }
        ::ber_free(place, 0);
        return entry;
    }

    /// What Active Directory says of accounts that may not log in, though the password may be
    /// right: expired, disabled, to be changed first, locked (its "data" codes).
    bool says_disabled(std::string_view diagnosis)
    {
        for (auto const* code :
            { "data 530", "data 531", "data 532", "data 533", "data 701", "data 773", "data 775" })
            if (diagnosis.find(code) != diagnosis.npos)
                return true;
        return false;
    }

} // namespace

std::optional<std::string> LdapEntry::first(std::string_view attribute) const
{
    auto const found = values.find(lower_case(attribute));
    if (found == values.end() || found->second.empty())
        return std::nullopt;
    return found->second.front();
}

void LdapConnection::fail(char const* what, int code)
{
    char* detail = nullptr;
    ::ldap_get_option(handle_, LDAP_OPT_DIAGNOSTIC_MESSAGE, &detail);
    Text const owned(detail);
    throw SourceDown(fmt::format("cannot {}: {}{}{}", what, ::ldap_err2string(code),
        detail && *detail ? ", " : "", detail ? detail : ""));
}

void LdapConnection::set_option(int option, void const* value, char const* what)
{
    if (int const code = ::ldap_set_option(handle_, option, value); code != LDAP_OPT_SUCCESS)
        fail(what, code);
}

LdapConnection::LdapConnection(config::LdapAccounts const& settings, std::chrono::seconds limit)
    : settings_(settings)
    , limit_ { .tv_sec = limit.count(), .tv_usec = 0 }
{
    std::string all; // libldap tries them in this order
    for (auto const& uri : settings.servers)
        all += (all.empty() ? "" : " ") + uri;
    if (int const code = ::ldap_initialize(&handle_, all.c_str()); code != LDAP_SUCCESS)
        throw SourceDown(fmt::format("cannot use {}: {}", all, ::ldap_err2string(code)));
    try {
        int const version = LDAP_VERSION3;
        int const seconds = static_cast<int>(limit.count());
        set_option(LDAP_OPT_PROTOCOL_VERSION, &version, "choose LDAP 3");
        // Whom another server names need not be whom the administrator trusts with passwords.
        set_option(LDAP_OPT_REFERRALS, LDAP_OPT_OFF, "switch referrals off");
        set_option(LDAP_OPT_NETWORK_TIMEOUT, &limit_, "limit the time of a connection");
        set_option(LDAP_OPT_TIMEOUT, &limit_, "limit the time of an answer");
        set_option(LDAP_OPT_TIMELIMIT, &seconds, "limit the time of a search");
        int const demand = LDAP_OPT_X_TLS_DEMAND;
        int const tls12 = LDAP_OPT_X_TLS_PROTOCOL_TLS1_2;
        int const as_client = 0;
        set_option(LDAP_OPT_X_TLS_REQUIRE_CERT, &demand, "ask for a certificate");
        set_option(LDAP_OPT_X_TLS_PROTOCOL_MIN, &tls12, "ask for TLS 1.2");
        // Said in any case: libldap would look into its own config, which often is not installed.
        auto const& authorities = settings.ca_file.empty() ? system_authorities : settings.ca_file;
        set_option(LDAP_OPT_X_TLS_CACERTFILE, authorities.c_str(), "use ca_file");
        set_option(LDAP_OPT_X_TLS_NEWCTX, &as_client, "use TLS with ca_file");
        if (settings.starttls) {
            int const code = ::ldap_start_tls_s(handle_, nullptr, nullptr);
            if (code != LDAP_SUCCESS)
                fail("start TLS", code);
        }
    } catch (...) {
        ::ldap_unbind_ext_s(handle_, nullptr, nullptr);
        throw;
    }
}

LdapConnection::~LdapConnection() { ::ldap_unbind_ext_s(handle_, nullptr, nullptr); }

/// The server's code; throws when there was none within the limit.
int LdapConnection::bind(std::string const& dn, std::string const& password, std::string& diagnosis)
{
    berval credentials { .bv_len = password.size(),
        .bv_val = const_cast<char*>(password.data()) }; // which libldap does not write through
    int id = 0;
    int code = ::ldap_sasl_bind(
        handle_, dn.c_str(), LDAP_SASL_SIMPLE, &credentials, nullptr, nullptr, &id);
    if (code != LDAP_SUCCESS)
        fail("send a bind", code);
    LDAPMessage* raw = nullptr;
    auto limit = limit_;
    int const got = ::ldap_result(handle_, id, LDAP_MSG_ALL, &limit, &raw);
    Message const message(raw);
    if (got == 0)
        throw SourceDown("a bind was not answered in time");
    if (got < 0) {
        ::ldap_get_option(handle_, LDAP_OPT_RESULT_CODE, &code);
        fail("bind", code);
    }
    char* detail = nullptr;
    if (int const parsed
        = ::ldap_parse_result(handle_, message.get(), &code, nullptr, &detail, nullptr, nullptr, 0);
        parsed != LDAP_SUCCESS)
        fail("read the answer to a bind", parsed);
    Text const owned(detail);
    diagnosis = detail ? detail : "";
    return code;
}

void LdapConnection::bind_for_search()
{
    std::string diagnosis;
    int const code = bind(settings_.bind_dn, settings_.bind_password, diagnosis);
    if (code != LDAP_SUCCESS)
        throw SourceDown(
            fmt::format("cannot bind as \"{}\": {} {}; check bind_dn and bind_password",
                settings_.bind_dn, ::ldap_err2string(code), diagnosis));
}

LdapConnection::Bound LdapConnection::bind_as(std::string const& dn, std::string const& password)
{
    if (password.empty()) // would be no login at all, and succeed (RFC 4513 §5.1.2)
        return Bound::wrong_password;
    std::string diagnosis;
    int const code = bind(dn, password, diagnosis);
    switch (code) {
    case LDAP_SUCCESS:
        return Bound::yes;
    case LDAP_INVALID_CREDENTIALS:
        return says_disabled(diagnosis) ? Bound::disabled : Bound::wrong_password;
    case LDAP_NO_SUCH_OBJECT: // gone since it was found
    case LDAP_INAPPROPRIATE_AUTH: // it has no password
        return Bound::wrong_password;
    default:
        throw SourceDown(
            fmt::format("cannot check a password: {} {}", ::ldap_err2string(code), diagnosis));
    }
}

std::optional<LdapEntry> LdapConnection::search(std::string const& filter)
{
    std::vector<char*> wanted;
    for (auto const* name : { &settings_.name, &settings_.password, &settings_.quota,
             &settings_.groups, &settings_.disabled })
        if (!name->empty())
            wanted.push_back(const_cast<char*>(name->c_str())); // likewise
    for (auto const& [setting, attribute] : settings_.settings)
        wanted.push_back(const_cast<char*>(attribute.c_str()));
    wanted.push_back(nullptr);
    LDAPMessage* raw = nullptr;
    auto limit = limit_;
    int const code = ::ldap_search_ext_s(handle_, settings_.base.c_str(), LDAP_SCOPE_SUBTREE,
        filter.c_str(), wanted.data(), 0, nullptr, nullptr, &limit, 2, &raw);
    Message const found(raw);
    if (code == LDAP_NO_SUCH_OBJECT)
        throw SourceDown(
            fmt::format("there is no {} that could be searched; check base", settings_.base));
    if (code != LDAP_SUCCESS && code != LDAP_SIZELIMIT_EXCEEDED)
        fail("search", code);
    // Referrals that a search passes by are not entries.
    auto* const first = ::ldap_first_entry(handle_, found.get());
    if (!first)
        return std::nullopt;
    if (code == LDAP_SIZELIMIT_EXCEEDED || ::ldap_next_entry(handle_, first))
        throw SourceDown(fmt::format("the filter {} finds more than one account", filter));
    return read_entry(handle_, first);
}

} // namespace mail::server

// The table of capabilities.
#include "protocol/imap/capability.h"

#include "protocol/imap/context.h"
#include "protocol/imap/parser.h"
#include "protocol/sasl/exchange.h"

#include <algorithm>
#include <array>

namespace mail::imap {
namespace {

    enum class Announced : std::uint8_t {
        not_yet, ///< there is no code for it
        always, ///< also before the login: clients such as Python's imaplib ask once only
        where_tls_may_start,
        where_no_password_may_travel,
        instead_of_literal_plus,
        with_value, ///< the name ends with "="; where there is a value
    };

    struct Row {
        Capability capability;
        std::string_view name;
        Announced announced = Announced::always;
        bool enableable = false; ///< by ENABLE (RFC 5161)
        Capability needs = Capability::count; ///< without which it makes no sense
    };

    // clang-format off
    constexpr auto rows = std::to_array<Row>({
        {Capability::imap4rev1,               "IMAP4rev1",              Announced::always},
        {Capability::imap4rev2,               "IMAP4rev2",              Announced::always, true},
        {Capability::literal_plus,            "LITERAL+",               Announced::always},
        {Capability::literal_minus,           "LITERAL-",               Announced::instead_of_literal_plus},
        {Capability::sasl_ir,                 "SASL-IR",                Announced::always},
        {Capability::id,                      "ID",                     Announced::always},
        {Capability::enable,                  "ENABLE",                 Announced::always},
        {Capability::starttls,                "STARTTLS",               Announced::where_tls_may_start},
        {Capability::login_disabled,          "LOGINDISABLED",          Announced::where_no_password_may_travel},
        {Capability::idle,                    "IDLE",                   Announced::always},
        {Capability::name_space,              "NAMESPACE",              Announced::always},
        {Capability::uidplus,                 "UIDPLUS",                Announced::always},
        {Capability::unselect,                "UNSELECT",               Announced::always},
        {Capability::children,                "CHILDREN",               Announced::always},
        {Capability::move,                    "MOVE",                   Announced::always},
        {Capability::condstore,               "CONDSTORE",              Announced::always, true},
        {Capability::qresync,                 "QRESYNC",                Announced::always, true, Capability::condstore},
        {Capability::acl,                     "ACL",                    Announced::always},
        {Capability::rights,                  "RIGHTS=",                Announced::with_value, false, Capability::acl},
        {Capability::append_limit,            "APPENDLIMIT=",           Announced::with_value},
        {Capability::binary,                  "BINARY",                 Announced::always},
        {Capability::catenate,                "CATENATE",               Announced::always},
        {Capability::compress_deflate,        "COMPRESS=DEFLATE",       Announced::always},
        {Capability::context_search,          "CONTEXT=SEARCH",         Announced::always, false, Capability::esearch},
        {Capability::context_sort,            "CONTEXT=SORT",           Announced::always, false, Capability::esort},
        {Capability::special_use,             "SPECIAL-USE",            Announced::always},
        {Capability::create_special_use,      "CREATE-SPECIAL-USE",     Announced::always, false, Capability::special_use},
        {Capability::esearch,                 "ESEARCH",                Announced::always},
        {Capability::esort,                   "ESORT",                  Announced::always, false, Capability::sort},
        {Capability::filters,                 "FILTERS",                Announced::always},
        {Capability::i18nlevel_1,             "I18NLEVEL=1",            Announced::always},
        {Capability::i18nlevel_2,             "I18NLEVEL=2",            Announced::always},
        {Capability::inprogress,              "INPROGRESS",             Announced::always},
        {Capability::language,                "LANGUAGE",               Announced::always, false, Capability::name_space},
        {Capability::list_extended,           "LIST-EXTENDED",          Announced::always},
        {Capability::list_metadata,           "LIST-METADATA",          Announced::always, false, Capability::metadata},
        {Capability::list_myrights,           "LIST-MYRIGHTS",          Announced::always, false, Capability::acl},
        {Capability::list_status,             "LIST-STATUS",            Announced::always, false, Capability::list_extended},
        {Capability::message_limit,           "MESSAGELIMIT=",          Announced::with_value},
        {Capability::save_limit,              "SAVELIMIT=",             Announced::with_value},
        {Capability::metadata,                "METADATA",               Announced::always},
        {Capability::metadata_server,         "METADATA-SERVER",        Announced::always},
        {Capability::multiappend,             "MULTIAPPEND",            Announced::always},
        {Capability::multisearch,             "MULTISEARCH",            Announced::always, false, Capability::esearch},
        {Capability::notify,                  "NOTIFY",                 Announced::always},
        {Capability::objectid,                "OBJECTID",               Announced::always},
        {Capability::partial,                 "PARTIAL",                Announced::always},
        {Capability::preview,                 "PREVIEW",                Announced::always},
        {Capability::quota,                   "QUOTA",                  Announced::always},
        {Capability::quota_storage,           "QUOTA=RES-STORAGE",      Announced::always, false, Capability::quota},
        {Capability::quota_message,           "QUOTA=RES-MESSAGE",      Announced::always, false, Capability::quota},
        {Capability::quota_mailbox,           "QUOTA=RES-MAILBOX",      Announced::always, false, Capability::quota},
        {Capability::quota_set,               "QUOTASET",               Announced::always, false, Capability::quota},
        {Capability::replace,                 "REPLACE",                Announced::always},
        {Capability::save_date,               "SAVEDATE",               Announced::always},
        {Capability::search_fuzzy,            "SEARCH=FUZZY",           Announced::always},
        {Capability::searchres,               "SEARCHRES",              Announced::always},
        {Capability::sort,                    "SORT",                   Announced::always},
        {Capability::sort_display,            "SORT=DISPLAY",           Announced::always, false, Capability::sort},
        {Capability::status_size,             "STATUS=SIZE",            Announced::always},
        {Capability::thread_ordered_subject,  "THREAD=ORDEREDSUBJECT",  Announced::always},
        {Capability::thread_references,       "THREAD=REFERENCES",      Announced::always},
        {Capability::thread_refs,             "THREAD=REFS",            Announced::always},
        {Capability::uidbatches,              "UIDBATCHES",             Announced::always},
        {Capability::uidonly,                 "UIDONLY",                Announced::always, true},
        {Capability::unauthenticate,          "UNAUTHENTICATE",         Announced::always},
        {Capability::urlauth,                 "URLAUTH",                Announced::always},
        {Capability::urlauth_binary,          "URLAUTH=BINARY",         Announced::always, false, Capability::urlauth},
        {Capability::url_partial,             "URL-PARTIAL",            Announced::always, false, Capability::urlauth},
        {Capability::utf8_accept,             "UTF8=ACCEPT",            Announced::always, true},
        {Capability::within,                  "WITHIN",                 Announced::always},
        {Capability::xlist,                   "XLIST",                  Announced::always},
    });
    // clang-format on
    static_assert(rows.size() == static_cast<std::size_t>(Capability::count));
    static_assert(std::ranges::is_sorted(rows, {}, &Row::capability));

    /// What stands behind the "=" of a capability with a value; empty: nothing, it is not
    /// announced.
    std::string value_of(Context const& ctx, Capability capability)
    {
        auto const& settings = ctx.session.settings();
        auto const limit = [](std::uint64_t most) { return most == 0 ? "" : std::to_string(most); };
        switch (capability) {
        case Capability::rights:
            return "texk"; // RFC 4314 §2.2
        case Capability::append_limit:
            return limit(settings.limits.message_octets);
        case Capability::message_limit:
            return limit(settings.imap.message_limit);
        case Capability::save_limit:
            return limit(settings.imap.save_limit);
        default:
            return {};
        }
    }

    bool is_announced(Context const& ctx, Row const& row)
    {
        if (!ctx.terms.offers(row.capability))
            return false;
        auto const before_login = ctx.state == not_authenticated;
        switch (row.announced) {
        case Announced::not_yet:
            return false;
        case Announced::always:
        case Announced::with_value:
            return true;
        case Announced::where_tls_may_start:
            return before_login && is_offered(ctx, row.capability);
        case Announced::where_no_password_may_travel:
            return before_login && !ctx.session.login().may_send_password();
        case Announced::instead_of_literal_plus:
            return !ctx.terms.offers(Capability::literal_plus);
        }
        return false;
    }

    /// Extensions whose commands IMAP4rev2 has of itself (RFC 9051, appendix E).
    bool is_within_rev2(Capability capability)
    {
        using enum Capability;
        switch (capability) {
        case idle:
        case name_space:
        case uidplus:
        case unselect:
        case move:
            return true;
        default:
            return false;
        }
    }

    void switch_off(Capabilities& offered, std::vector<std::string> const& names)
    {
        for (auto const& name : names)
            if (auto const capability = switchable(name); capability != Capability::count)
                offered.reset(static_cast<std::size_t>(capability));
    }

} // namespace

std::string announced_capabilities(Context const& ctx)
{
    std::string names;
    for (auto const& row : rows) {
        if (!is_announced(ctx, row))
            continue;
        std::string value;
        if (row.announced == Announced::with_value) {
            value = value_of(ctx, row.capability);
            if (value.empty())
                continue;
        }
        names.append(names.empty() ? "" : " ").append(row.name).append(value);
    }
    if (ctx.state == not_authenticated)
        for (auto const* mechanism : sasl::offered_mechanisms(ctx.session.login()))
            names.append(" AUTH=").append(mechanism->name);
    return names;
}

Capabilities all_capabilities()
{
    Capabilities all;
    for (auto const& row : rows)
        all.set(static_cast<std::size_t>(row.capability), row.announced != Announced::not_yet);
    return all;
}

Capabilities offered_capabilities(session::Session const& session)
{
    auto offered = all_capabilities();
    auto const& switches = session.settings().imap;
    switch_off(offered, switches.capabilities_off);
    auto const& address = session.peer().address;
    for (auto const& each : switches.networks)
        if (std::ranges::any_of(
                each.networks, [&](Network const& network) { return network.contains(address); }))
            switch_off(offered, each.capabilities_off);
    switch_off(offered, session.user().capabilities_off);
    // Just what the administrator limits; of the two just one, and MESSAGELIMIT is about all that
    // SAVELIMIT is about (RFC 9738 §4).
    if (switches.message_limit == 0)
        offered.reset(static_cast<std::size_t>(Capability::message_limit));
    if (switches.save_limit == 0 || offered[static_cast<std::size_t>(Capability::message_limit)])
        offered.reset(static_cast<std::size_t>(Capability::save_limit));
    // Until nothing more falls: a row may need one that stands behind it.
    for (auto before = ~offered; before != offered;) {
        before = offered;
        for (auto const& row : rows)
            if (row.needs != Capability::count && !offered[static_cast<std::size_t>(row.needs)])
                offered.reset(static_cast<std::size_t>(row.capability));
    }
    return offered;
}

bool is_offered(Context const& ctx, Capability capability)
{
    if (capability == Capability::starttls)
        return ctx.session.stream().may_start_tls();
    if (capability == Capability::metadata_server && ctx.terms.offers(Capability::metadata))
        return true; // it has annotations of the server, too (RFC 5464 §1)
    return ctx.terms.offers(capability) || (ctx.terms.is_rev2() && is_within_rev2(capability));
}

Capability enableable(std::string_view name)
{
    auto const row = std::ranges::find_if(rows, [&](Row const& candidate) {
        return candidate.enableable && equal_without_case(candidate.name, name);
    });
    return row == rows.end() ? Capability::count : row->capability;
}

Capability switchable(std::string_view name)
{
    auto const row = std::ranges::find_if(rows, [&](Row const& candidate) {
        auto known = candidate.name;
        auto given = name;
        if (known.ends_with('=')) {
            known.remove_suffix(1);
            given = given.substr(0, given.find('='));
        }
        return equal_without_case(known, given);
    });
    if (row == rows.end() || row->announced == Announced::not_yet
        || row->capability == Capability::imap4rev1)
        return Capability::count;
    return row->capability;
}

std::string_view name_of(Capability capability)
{
    return rows[static_cast<std::size_t>(capability)].name;
}

} // namespace mail::imap

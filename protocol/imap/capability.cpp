// The table of capabilities.
#include "protocol/imap/capability.h"

#include "protocol/imap/context.h"
#include "protocol/imap/parser.h"
#include "protocol/sasl/mechanism.h"

#include <algorithm>
#include <array>

namespace mail::imap {
namespace {

    enum class Announced : std::uint8_t {
        always, ///< also before the login: clients such as Python's imaplib ask once only
        where_tls_may_start,
        where_no_password_may_travel,
    };

    struct Row {
        Capability capability;
        std::string_view name;
        Announced announced = Announced::always;
        bool enableable = false; ///< by ENABLE (RFC 5161)
    };

    // clang-format off
    constexpr auto rows = std::to_array<Row>({
        {Capability::imap4rev1,          "IMAP4rev1"},
        {Capability::literal_plus,       "LITERAL+"},
        {Capability::sasl_ir,            "SASL-IR"},
        {Capability::id,                 "ID"},
        {Capability::enable,             "ENABLE"},
        {Capability::starttls,           "STARTTLS", Announced::where_tls_may_start},
        {Capability::login_disabled,     "LOGINDISABLED", Announced::where_no_password_may_travel},
        {Capability::idle,               "IDLE"},
        {Capability::name_space,         "NAMESPACE"},
        {Capability::uidplus,            "UIDPLUS"},
        {Capability::move,               "MOVE"},
        {Capability::unselect,           "UNSELECT"},
        {Capability::children,           "CHILDREN"},
        {Capability::special_use,        "SPECIAL-USE"},
        {Capability::create_special_use, "CREATE-SPECIAL-USE"},
        {Capability::esearch,            "ESEARCH"},
        {Capability::condstore,          "CONDSTORE", Announced::always, true},
    });
    // clang-format on
    static_assert(rows.size() == static_cast<std::size_t>(Capability::count));
    static_assert(std::ranges::is_sorted(rows, {}, &Row::capability));

    bool is_announced(Context const& ctx, Row const& row)
    {
        auto const before_login = ctx.state == not_authenticated;
        switch (row.announced) {
        case Announced::always:
            return true;
        case Announced::where_tls_may_start:
            return before_login && is_offered(ctx, row.capability);
        case Announced::where_no_password_may_travel:
            return before_login && !ctx.session.may_send_password();
        }
        return false;
    }

} // namespace

std::string announced_capabilities(Context const& ctx)
{
    std::string names;
    for (auto const& row : rows)
        if (is_announced(ctx, row))
            names.append(names.empty() ? "" : " ").append(row.name);
    if (ctx.state == not_authenticated)
        for (auto const& mechanism : sasl::mechanisms())
            if (!mechanism.sends_password || ctx.session.may_send_password())
                names.append(" AUTH=").append(mechanism.name);
    return names;
}

bool is_offered(Context const& ctx, Capability capability)
{
    return capability != Capability::starttls || ctx.session.stream().may_start_tls();
}

Capability enableable(std::string_view name)
{
    auto const row = std::ranges::find_if(rows, [&](Row const& candidate) {
        return candidate.enableable && equal_without_case(candidate.name, name);
    });
    return row == rows.end() ? Capability::count : row->capability;
}

std::string_view name_of(Capability capability)
{
    return rows[static_cast<std::size_t>(capability)].name;
}

} // namespace mail::imap

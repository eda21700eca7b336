// Looks up whom an identifier names.
#include "protocol/imap/acl_identifier.h"

#include "protocol/imap/context.h"
#include "protocol/sasl/saslprep.h"
#include "storage/ascii.h"
#include "storage/names.h"

namespace mail::imap {
namespace {

    awaitable<Result<AclIdentifier>> look_up_user(
        Context& ctx, storage::Account owner, AclIdentifier identifier)
    {
        auto const sign = std::string(identifier.is_negative ? "-" : "");
        auto const folded = storage::check_account_name(identifier.name());
        if (!folded)
            co_return bad(
                "This identifier can name nobody; give a login name, or a group as \"$group\"");
        identifier.is_owner = *folded == owner.name;
        if (identifier.is_owner) {
            identifier.entry = sign + owner.name;
            co_return identifier;
        }
        auto& accounts = ctx.session.services().authenticator;
        auto const user = co_await accounts.find_recipient(std::string(identifier.name()));
        if (!user)
            identifier.unknown = no("CANNOT",
                "There is no user of this name; give a login name, or a group as \"$group\"");
        identifier.entry = sign + (user ? user->name : *folded);
        identifier.is_owner = user && user->name == owner.name;
        co_return identifier;
    }

} // namespace

awaitable<Result<AclIdentifier>> identify(
    Context& ctx, storage::Account owner, std::string identifier)
{
    AclIdentifier found;
    auto prepared = sasl::saslprep(identifier);
    if (!prepared)
        co_return bad("The identifier has characters that no name may have; leave them out");
    found.entry = std::move(*prepared);
    found.is_negative = found.entry.starts_with('-');
    if (found.name().empty() || found.name() == std::string_view(&session::group_mark, 1))
        co_return bad("The identifier is empty; give a login name, or a group as \"$group\"");
    if (found.name().front() == session::group_mark)
        co_return found;
    if (ascii::equal_without_case(found.name(), session::anyone)) {
        found.entry = std::string(found.is_negative ? "-" : "").append(session::anyone);
        if (!ctx.session.settings().sharing.allow_anyone)
            found.unknown = no("CANNOT",
                "This server gives no rights to \"anyone\"; name users, or groups as \"$group\"");
        co_return found;
    }
    co_return co_await look_up_user(ctx, std::move(owner), std::move(found));
}

} // namespace mail::imap

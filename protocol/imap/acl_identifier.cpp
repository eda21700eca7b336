// Looks up whom an identifier names.
#include "protocol/imap/acl_identifier.h"

#include "protocol/imap/context.h"
#include "protocol/sasl/saslprep.h"
#include "storage/names.h"

namespace mail::imap {
namespace {

    /// The login name of the user; nullopt when there is none.
    Result<std::optional<std::string>> find_user(Context& ctx, std::string_view name)
    {
        try {
            auto user = ctx.session.services().authenticator.find_recipient(name);
            if (!user)
                return std::optional<std::string> {};
            return std::optional(std::move(user->name));
        } catch (std::exception const&) {
            return no("UNAVAILABLE", "The accounts cannot be looked up now; try again later");
        }
    }

    Result<void> look_up_user(
        Context& ctx, storage::Account const& owner, AclIdentifier& identifier)
    {
        auto const sign = std::string(identifier.is_negative ? "-" : "");
        auto const folded = storage::check_account_name(identifier.name());
        if (!folded)
            return bad("This identifier can name nobody");
        identifier.is_owner = *folded == owner.name;
        if (identifier.is_owner) {
            identifier.entry = sign + owner.name;
            return {};
        }
        auto const user = find_user(ctx, identifier.name());
        if (!user)
            return user.error();
        if (!*user)
            identifier.unknown = no("CANNOT",
                "There is no user of this name; give a login name, or a group as \"$group\"");
        identifier.entry = sign + (*user ? **user : *folded);
        identifier.is_owner = *user && **user == owner.name;
        return {};
    }

} // namespace

Result<AclIdentifier> identify(
    Context& ctx, storage::Account const& owner, std::string_view identifier)
{
    AclIdentifier found;
    auto prepared = sasl::saslprep(identifier);
    if (!prepared)
        return bad("The identifier has characters that no name may have");
    found.entry = std::move(*prepared);
    found.is_negative = found.entry.starts_with('-');
    if (found.name().empty() || found.name() == std::string_view(&session::group_mark, 1))
        return bad("The identifier is empty");
    if (found.name().front() == session::group_mark)
        return found;
    if (storage::equal_without_case(found.name(), session::anyone)) {
        found.entry = std::string(found.is_negative ? "-" : "").append(session::anyone);
        if (!ctx.session.settings().sharing.allow_anyone)
            found.unknown = no("CANNOT",
                "This server gives no rights to \"anyone\"; name users, or groups as \"$group\"");
        return found;
    }
    if (auto const looked = look_up_user(ctx, owner, found); !looked)
        return looked.error();
    return found;
}

} // namespace mail::imap

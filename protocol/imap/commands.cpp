// What this server speaks, in one table.
#include "protocol/imap/commands.h"

#include <algorithm>
#include <array>

namespace mail::imap {
namespace {

    using enum Expunges;
    using enum Names;

    // clang-format off
    constexpr auto commands = std::to_array<Command>({
        // name           valid in           needs                    EXPUNGE    names messages      run
        {"APPEND",        authenticated,     Capability::imap4rev1,   allowed,   no_messages,        nullptr, run_append},
        {"AUTHENTICATE",  not_authenticated, Capability::imap4rev1,   allowed,   no_messages,        run_authenticate},
        {"CANCELUPDATE",  selected,          Capability::imap4rev1,   allowed,   no_messages,        run_cancelupdate},
        {"CAPABILITY",    any_state,         Capability::imap4rev1,   allowed,   no_messages,        run_capability},
        {"CHECK",         selected,          Capability::imap4rev1,   allowed,   no_messages,        run_noop},
        {"CLOSE",         selected,          Capability::imap4rev1,   allowed,   no_messages,        run_close},
        {"COMPARATOR",    authenticated,     Capability::i18nlevel_2, allowed,   no_messages,        run_comparator},
        {"COMPRESS",      authenticated,     Capability::compress_deflate, allowed, no_messages,    run_compress},
        {"COPY",          selected,          Capability::imap4rev1,   allowed,   by_sequence_number, run_copy},
        {"CREATE",        authenticated,     Capability::imap4rev1,   allowed,   no_messages,        run_create},
        {"DELETE",        authenticated,     Capability::imap4rev1,   allowed,   no_messages,        run_delete},
        {"DELETEACL",     authenticated,     Capability::acl,         allowed,   no_messages,        run_deleteacl},
        {"ENABLE",        authenticated,     Capability::enable,      allowed,   no_messages,        run_enable},
        {"ESEARCH",       authenticated,     Capability::multisearch, allowed,   by_uid,             run_esearch},
        {"EXAMINE",       authenticated,     Capability::imap4rev1,   allowed,   no_messages,        run_examine},
        {"EXPUNGE",       selected,          Capability::imap4rev1,   allowed,   no_messages,        run_expunge},
        {"FETCH",         selected,          Capability::imap4rev1,   held_back, by_sequence_number, run_fetch},
        {"GENURLAUTH",    authenticated,     Capability::urlauth,     allowed,   no_messages,        run_genurlauth},
        {"GETACL",        authenticated,     Capability::acl,         allowed,   no_messages,        run_getacl},
        {"GETMETADATA",   authenticated,     Capability::metadata_server, allowed,   no_messages,        run_getmetadata},
        {"GETQUOTA",      authenticated,     Capability::quota,       allowed,   no_messages,        run_getquota},
        {"GETQUOTAROOT",  authenticated,     Capability::quota,       allowed,   no_messages,        run_getquotaroot},
        {"ID",            any_state,         Capability::id,          allowed,   no_messages,        run_id},
        {"IDLE",          authenticated,     Capability::idle,        allowed,   no_messages,        run_idle},
        {"LANGUAGE",      any_state,         Capability::language,    allowed,   no_messages,        run_language},
        {"LIST",          authenticated,     Capability::imap4rev1,   allowed,   no_messages,        run_list},
        {"LISTRIGHTS",    authenticated,     Capability::acl,         allowed,   no_messages,        run_listrights},
        {"LOGIN",         not_authenticated, Capability::imap4rev1,   allowed,   no_messages,        run_login},
        {"LOGOUT",        any_state,         Capability::imap4rev1,   allowed,   no_messages,        run_logout},
        {"LSUB",          authenticated,     Capability::imap4rev1,   allowed,   no_messages,        run_lsub},
        {"MOVE",          selected,          Capability::move,        allowed,   by_sequence_number, run_move},
        {"MYRIGHTS",      authenticated,     Capability::acl,         allowed,   no_messages,        run_myrights},
        {"NAMESPACE",     authenticated,     Capability::name_space,  allowed,   no_messages,        run_namespace},
        {"NOOP",          any_state,         Capability::imap4rev1,   allowed,   no_messages,        run_noop},
        {"NOTIFY",        authenticated,     Capability::notify,      allowed,   no_messages,        run_notify},
        {"RENAME",        authenticated,     Capability::imap4rev1,   allowed,   no_messages,        run_rename},
        {"REPLACE",       selected,          Capability::replace,     allowed,   by_sequence_number, nullptr, run_replace},
        {"RESETKEY",      authenticated,     Capability::urlauth,     allowed,   no_messages,        run_resetkey},
        {"SEARCH",        selected,          Capability::imap4rev1,   held_back, by_sequence_number, run_search},
        {"SELECT",        authenticated,     Capability::imap4rev1,   allowed,   no_messages,        run_select},
        {"SETACL",        authenticated,     Capability::acl,         allowed,   no_messages,        run_setacl},
        {"SETMETADATA",   authenticated,     Capability::metadata_server, allowed,   no_messages,        run_setmetadata},
        {"SETQUOTA",      authenticated,     Capability::quota_set,   allowed,   no_messages,        run_setquota},
        {"SORT",          selected,          Capability::sort,        held_back, by_sequence_number, run_sort},
        {"STARTTLS",      not_authenticated, Capability::starttls,    allowed,   no_messages,        run_starttls},
        {"STATUS",        authenticated,     Capability::imap4rev1,   allowed,   no_messages,        run_status},
        {"STORE",         selected,          Capability::imap4rev1,   held_back, by_sequence_number, run_store},
        {"SUBSCRIBE",     authenticated,     Capability::imap4rev1,   allowed,   no_messages,        run_subscribe},
        {"THREAD",        selected,          Capability::imap4rev1,   held_back, by_sequence_number, run_thread},
        {"UID COPY",      selected,          Capability::imap4rev1,   allowed,   by_uid,             run_copy},
        {"UID EXPUNGE",   selected,          Capability::uidplus,     allowed,   by_uid,             run_uid_expunge},
        {"UID FETCH",     selected,          Capability::imap4rev1,   allowed,   by_uid,             run_fetch},
        {"UID MOVE",      selected,          Capability::move,        allowed,   by_uid,             run_move},
        {"UID REPLACE",   selected,          Capability::replace,     allowed,   by_uid,             nullptr, run_replace},
        {"UID SEARCH",    selected,          Capability::imap4rev1,   allowed,   by_uid,             run_search},
        {"UID SORT",      selected,          Capability::sort,        allowed,   by_uid,             run_sort},
        {"UID STORE",     selected,          Capability::imap4rev1,   allowed,   by_uid,             run_store},
        {"UID THREAD",    selected,          Capability::imap4rev1,   allowed,   by_uid,             run_thread},
        {"UIDBATCHES",    selected,          Capability::uidbatches,  allowed,   no_messages,        run_uidbatches},
        {"UNAUTHENTICATE", authenticated,    Capability::unauthenticate, allowed, no_messages,      run_unauthenticate},
        {"UNSELECT",      selected,          Capability::unselect,    allowed,   no_messages,        run_unselect},
        {"UNSUBSCRIBE",   authenticated,     Capability::imap4rev1,   allowed,   no_messages,        run_unsubscribe},
        {"URLFETCH",      authenticated,     Capability::urlauth,     allowed,   no_messages,        run_urlfetch},
        {"XLIST",         authenticated,     Capability::xlist,       allowed,   no_messages,        run_xlist},
    });
    // clang-format on
    static_assert(std::ranges::is_sorted(commands, {}, &Command::name));

} // namespace

Command const* find_command(std::string_view name)
{
    auto const row = std::ranges::lower_bound(commands, name, {}, &Command::name);
    return row != commands.end() && row->name == name ? &*row : nullptr;
}

} // namespace mail::imap

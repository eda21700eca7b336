// What this server offers: one table of capabilities (RFC 9051 §6.1.1).
#pragma once

#include <bitset>
#include <cstddef>
#include <string>
#include <string_view>

namespace mail::session {
class Session;
}

namespace mail::imap {

class Context;

/// In the order in which they are announced; capability.cpp has their names. AUTH= comes from the
/// table of SASL mechanisms.
enum class Capability {
    imap4rev1, ///< the base protocol
    imap4rev2,
    literal_plus,
    literal_minus,
    sasl_ir,
    id,
    enable,
    starttls,
    login_disabled,
    idle,
    name_space,
    uidplus,
    unselect,
    children,
    move,
    condstore,
    qresync,
    acl,
    rights,
    append_limit,
    binary,
    catenate,
    compress_deflate,
    context_search,
    context_sort,
    special_use,
    create_special_use,
    esearch,
    esort,
    filters,
    i18nlevel_1,
    i18nlevel_2,
    inprogress,
    language,
    list_extended,
    list_metadata,
    list_myrights,
    list_status,
    message_limit,
    save_limit,
    metadata,
    metadata_server,
    multiappend,
    multisearch,
    notify,
    objectid,
    partial,
    preview,
    quota,
    quota_storage,
    quota_message,
    quota_mailbox,
    quota_set,
    replace,
    save_date,
    search_fuzzy,
    searchres,
    sort,
    sort_display,
    status_size,
    thread_ordered_subject,
    thread_references,
    thread_refs,
    uidbatches,
    uidonly,
    unauthenticate,
    urlauth,
    urlauth_binary,
    url_partial,
    utf8_accept,
    within,
    xlist,
    count,
};

using Capabilities = std::bitset<static_cast<std::size_t>(Capability::count)>;

/// The names to announce now, set apart by spaces: they depend on the state and on TLS.
std::string announced_capabilities(Context const& ctx);

/// All that this server speaks.
Capabilities all_capabilities();
/// What this client is offered: all but what is switched off for everybody, for its network and for
/// its account, and what needs something that is off.
Capabilities offered_capabilities(session::Session const& session);

/// Whether commands that need it are served. Announcing is another matter: it depends on the state.
bool is_offered(Context const& ctx, Capability capability);

/// The extension that ENABLE knows by this name, in any case; count when there is none (RFC 5161
/// §3.1).
Capability enableable(std::string_view name);

/// By its name in any case, as the administrator writes it to switch it off: "APPENDLIMIT" for
/// APPENDLIMIT=52428800. count when it is unknown or belongs to the base protocol.
Capability switchable(std::string_view name);

std::string_view name_of(Capability capability);

} // namespace mail::imap

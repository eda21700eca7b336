// What this server offers: one table of capabilities (RFC 9051 §6.1.1).
#pragma once

#include <bitset>
#include <cstddef>
#include <string>
#include <string_view>

namespace mail::imap {

class Context;

/// In the order in which they are announced; capability.cpp has their names. AUTH= comes from the
/// table of SASL mechanisms.
enum class Capability {
    imap4rev1, ///< the base protocol
    literal_plus,
    sasl_ir,
    id,
    enable,
    starttls,
    login_disabled,
    idle,
    name_space,
    uidplus,
    move,
    unselect,
    children,
    special_use,
    create_special_use,
    esearch,
    condstore,
    count,
};

using Capabilities = std::bitset<static_cast<std::size_t>(Capability::count)>;

/// The names to announce now, set apart by spaces: they depend on the state and on TLS.
std::string announced_capabilities(Context const& ctx);

/// Whether commands that need it are served. Announcing is another matter: it depends on the state.
bool is_offered(Context const& ctx, Capability capability);

/// The extension that ENABLE knows by this name, in any case; count when there is none (RFC 5161
/// §3.1).
Capability enableable(std::string_view name);

std::string_view name_of(Capability capability);

} // namespace mail::imap

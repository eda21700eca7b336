// LIST lines that nobody asked for: names that changed (RFC 5465 §5.4, §5.5).
#pragma once

#include "protocol/session/name_tree.h"

#include <string>

namespace mail::imap {

class Context;

struct NameChange {
    std::string name; ///< the client's
    std::string name_before {}; ///< when it was renamed
    bool is_denied = false; ///< the user may not know more than the name
};

/// "* LIST (\HasNoChildren \Subscribed) "/" new ("OLDNAME" ("old"))", as things are in the tree.
void tell_name(Context& ctx, session::NameTree const& tree, NameChange const& change);

} // namespace mail::imap

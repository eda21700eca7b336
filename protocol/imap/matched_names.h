// What LIST, LSUB and XLIST have in common: which names match, and attributes of names.
#pragma once

#include "protocol/byte_stream.h"
#include "protocol/imap/list_args.h"
#include "protocol/session/name_tree.h"

#include <string>
#include <string_view>
#include <vector>

namespace mail::imap {

class Context;

/// A name of the tree, and what the patterns say of it.
struct MatchedName {
    std::string const* name;
    session::NameEntry const* entry;
    Patterns::Match match;
};

/// All names of the tree in order. Lets other sessions have their turn meanwhile.
awaitable<std::vector<MatchedName>> match_names(
    Context& ctx, ListArgs const& args, session::NameTree const& tree);

/// The answer to an empty pattern (RFC 9051 §6.3.9): the delimiter, and the root of a namespace
/// when the reference is in it; our names have no root otherwise.
void tell_root(Context& ctx, std::string_view command, std::string_view reference);

/// The special use that the user is told of. Somebody else's Drafts are not this user's (RFC 6154
/// §2).
storage::SpecialUse special_use_for(Context const& ctx, session::ListedMailbox const* mailbox);

/// "\HasChildren", "\HasNoChildren" or "\Noinferiors"
std::string_view children_attribute(
    session::NameEntry const& entry, session::ListedMailbox const* mailbox);

} // namespace mail::imap

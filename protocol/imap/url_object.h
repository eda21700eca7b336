// The message in the store that a URL names.
#pragma once

#include "protocol/imap/url.h"
#include "protocol/session/session.h"
#include "storage/messages.h"

#include <optional>

namespace mail::imap {

/// The mailbox of the URL, by the names that `who` knows, if they may read it. A UIDVALIDITY must
/// be the mailbox's own (RFC 5092 §5). nullopt: there is none, or not for them.
std::optional<session::Located> find_url_mailbox(
    session::Session& session, session::Identity const& who, ImapUrl const& url);

/// Whether the URL's UIDVALIDITY, when it has one, is that of the mailbox.
bool is_valid_for(session::Session& session, session::Located const& mailbox, ImapUrl const& url);

/// Calls take(ReadTxn const&, HotRecord const&, ColdRecord const&) for a message; false when there
/// is none.
template <class Take>
bool look_at_message(
    session::Session& session, session::Located const& mailbox, storage::Uid uid, Take take)
{
    return session.read_at(mailbox.account, [&](storage::ReadTxn const& txn) {
        auto const hot = storage::get_message(txn, mailbox.account.id, mailbox.id, uid);
        if (!hot)
            return false;
        auto const cold = storage::get_cold(txn, mailbox.account.id, mailbox.id, uid);
        if (!cold)
            return false;
        take(txn, *hot, *cold);
        return true;
    });
}

} // namespace mail::imap

// What a command sees of its conversation.
#pragma once

#include "protocol/buffers.h"
#include "protocol/imap/agreement.h"
#include "protocol/imap/command.h"
#include "protocol/imap/comparator.h"
#include "protocol/imap/failure.h"
#include "protocol/imap/live_searches.h"
#include "protocol/imap/notifier.h"
#include "protocol/imap/quota.h"
#include "protocol/imap/response.h"
#include "protocol/imap/sequence_set.h"
#include "protocol/language.h"
#include "protocol/session/selected_mailbox.h"
#include "protocol/session/session.h"

#include <memory>
#include <string>
#include <string_view>

namespace mail::imap {

/// All that a login brings and UNAUTHENTICATE takes away (RFC 8437 §4.1). What an extension
/// remembers of its client belongs in here: the next user of the connection then starts without it.
struct LoginState {
    States state = not_authenticated;
    Agreement terms;
    Comparator comparator; ///< of SEARCH, SORT and THREAD (RFC 5255 §4.7)
    std::unique_ptr<session::SelectedMailbox> selected; ///< not null in the state `selected`
    LiveSearches live_searches; ///< in the selected mailbox (RFC 5267)
    std::unique_ptr<Notifier> notifier; ///< null until NOTIFY is used (RFC 5465)
    Language language = Language::i_default; ///< of texts for people; also before the login
    Fullness quota_told = Fullness::roomy; ///< of the own account, in this session
};

/// Owned by the conversation; lives as long as the connection. Commands are run one after the
/// other.
class Context : public LoginState {
public:
    Context(session::Session& client, Input& client_input, Responses& responses)
        : session(client)
        , input(client_input)
        , out(responses)
    {
        terms.offered = offered_capabilities(session);
    }

    session::Session& session;
    Input& input; ///< only for commands that read, or end, outside of the command's syntax
    Responses& out;

    // Of the command that runs
    std::string tag;
    Numbering numbering = Numbering::sequence; ///< uid when the name began with "UID "
    Expunges expunges = Expunges::allowed; ///< from its row; a command may hold them back, too

    session::SelectedMailbox& mailbox() { return *selected; }
    storage::AccountId account() const { return session.account().id; }

    /// Gives the tagged OK a response code, "COPYUID 1 2 3", and a text other than "… completed".
    void succeed_with(ResponseCode code, std::string text = {})
    {
        ok_code = std::move(code);
        ok_text = std::move(text);
    }

    /// Switches an extension on (RFC 5161). CONDSTORE tells HIGHESTMODSEQ of the selected mailbox
    /// when it is new: every command that shows an interest in mod-sequences calls this first (RFC
    /// 7162 §3.1).
    void enable(Capability capability);

    void select(std::unique_ptr<session::SelectedMailbox> opened); ///< enters the state `selected`
    void unselect(); ///< back to `authenticated`; tells nothing
    void speak(Language language); ///< from now on (RFC 5255)
    void log_out(); ///< back to `not_authenticated`, as at the greeting; tells nothing

    /// The tagged OK is to tell HIGHESTMODSEQ, as it is after the news (RFC 7162 §3.2.7).
    bool tells_highest_mod_seq = false;

    // For the conversation
    ResponseCode ok_code;
    std::string ok_text;
    bool wants_close = false; ///< BYE was said: close after the tagged line
    bool is_answered = false; ///< the command wrote its tagged line itself (STARTTLS)
    int failed_logins = 0;
};

} // namespace mail::imap

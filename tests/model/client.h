// One client of the model test: what it has sent and waits for, what it may be told meanwhile, and
// what it believes.
#pragma once

#include "tests/model/belief.h"
#include "tests/model/connection.h"
#include "tests/model/overview.h"
#include "tests/model/wishes.h"
#include "tests/model/world.h"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

namespace mail::model {

/// What a client keeps of a mailbox when it is not connected.
struct Cache {
    std::uint32_t uid_validity = 0;
    std::uint64_t highest_mod_seq = 0;
    std::map<std::uint32_t, KnownMessage> messages; ///< by UID
    std::uint32_t complete_to = 0; ///< above this UID there are some that it never asked for
};

/// What a command lets the server tell while it runs.
struct Permits {
    bool holds_numbers = false; ///< no EXPUNGE (RFC 9051 §7.5.1)
    bool removes = false; ///< it expunges messages itself
    bool opens = false; ///< SELECT; what it leaves or enters changes meanwhile
    bool lists = false;
    bool changes_wishes = false;
    bool asks_of_all = false; ///< flags of all messages, or of these
    std::set<std::uint32_t> uids {};
    bool names_saved = false; ///< by "$", so also some whose UIDs the client does not know
    std::string status_of {};

    static Permits selecting() { return { .opens = true }; }
};

class Client {
public:
    using Done = std::function<void(Response const& tagged)>;

    Client(World& world, std::string name);
    ~Client();

    // Sending; nothing waits.
    void send(std::string const& command, Permits permits = {}, Done done = {});
    void idle();
    void end_idle();
    void notify(Wishes const& wishes);
    void doubt_names_below(std::string const& renamed);
    bool is_idling() const { return is_idling_ || awaits_idle_; }
    std::size_t outstanding() const { return sent_.size(); }
    std::uint64_t commands() const { return commands_; }
    /// Numbers name what the client takes them for.
    bool may_use_numbers() const;

    void hear(); ///< takes what has come
    /// Runs the event loop until every command is answered, but an IDLE.
    void settle();

    void connect(std::string const& user, Modes const& modes, bool compressed);
    /// On the same connection.
    void log_in_anew(std::string const& user, Modes const& modes);
    /// Goes away: with LOGOUT, or in the middle of what is going on.
    void leave(bool abruptly, std::function<std::size_t(std::size_t)> const& cut);
    bool is_connected() const { return connection_ != nullptr; }
    /// The server said BYE, and rightly so: nothing more is to be had from this connection.
    bool is_dismissed() const { return is_dismissed_; }
    /// Opens a mailbox, when it is there; from the cache where it has one and QRESYNC is on.
    /// Settles.
    void select(std::string name);
    void close(std::string const& command); ///< CLOSE or UNSELECT; settles
    void learn_all(); ///< fetches what is not known; settles

    Belief belief;
    std::string user;
    std::string mailbox; ///< selected; empty: none
    std::string mailbox_id; ///< its MAILBOXID
    Modes modes;
    std::optional<Wishes> wishes; ///< in force; none until NOTIFY was used
    Overview overview;
    std::map<std::uint32_t, int>
        doubtful; ///< UIDs whose flags an unanswered command may have changed
    std::set<std::uint32_t> own; ///< UIDs that it put into the selected mailbox itself
    std::uint32_t data_from = 0; ///< below this UID messages were there before NOTIFY
    std::optional<Numbers> found; ///< UIDs, or numbers, of the last answer to SEARCH or SORT
    std::optional<std::set<std::uint32_t>> saved; ///< "$" (RFC 5182), where the client knows it

    /// The last lines of the conversation.
    std::string tail(std::size_t octets) const
    {
        return trace_.substr(trace_.size() - std::min(octets, trace_.size())) + "\n";
    }
    [[noreturn]] void fail(std::string const& why) const;

private:
    struct Sent {
        std::string tag;
        std::string command;
        Permits permits;
        Done done;
    };

    void note(std::string const& line);
    void log_in(std::string const& as, Modes const& wanted);
    Sent const* running() const; ///< the command that the server is at; null: none
    Licence licence() const;
    void handle(Response const& response);
    void hear_condition(Response const& response);
    void hear_tagged(Response const& response);
    void hear_own(Response const& response);
    void hear_status(Response const& response);
    void hear_list(Response const& response);
    void check_fetch(Response const& response);
    void dismiss();
    void forget_mailbox();
    void forget_counts(std::string const& name, std::string const& object_id);
    void remember();
    void resume(Cache const& cache);

    World& world_;
    std::string name_;
    std::unique_ptr<Connection> connection_;
    std::string received_;
    std::deque<Sent> sent_;
    bool is_idling_ = false;
    bool awaits_idle_ = false;
    bool is_dismissed_ = false;
    bool is_hearing_ = false;
    std::map<std::string, Cache> caches_; ///< by user and mailbox
    std::map<std::uint32_t, KnownMessage>* resumed_ = nullptr; ///< while QRESYNC answers
    std::uint64_t commands_ = 0;
    unsigned next_tag_ = 1;
    unsigned connections_ = 0;
    std::string trace_;
};

} // namespace mail::model

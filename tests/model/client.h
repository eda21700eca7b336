// One client of the model test: a connection in memory to the real conversation over the real
// store, what it has sent and waits for, and what it believes.
#pragma once

#include "protocol/imap/conversation.h"
#include "tests/model/belief.h"
#include "tests/support/memory_stream.h"
#include "tests/support/test_services.h"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace mail::model {

/// What a client keeps of a mailbox when it is not connected.
struct Cache {
    std::string mailbox;
    std::uint32_t uid_validity = 0;
    std::uint64_t highest_mod_seq = 0;
    std::map<std::uint32_t, KnownMessage> messages; ///< by UID
    std::uint32_t complete_to = 0; ///< above this UID there are some that it never asked for
};

class Client {
public:
    using Done = std::function<void(Response const& tagged)>;

    Client(test::TestServices& services, std::string name);
    ~Client();

    // Sending; nothing waits.
    enum class Numbers { free, held }; ///< may EXPUNGE come during the command?
    void send(std::string const& command, Numbers numbers = Numbers::free, Done done = {});
    void idle();
    void end_idle();
    bool is_idling() const { return is_idling_ || awaits_idle_; }
    std::size_t outstanding() const { return sent_.size(); }
    std::uint64_t commands() const { return commands_; }

    void hear(); ///< takes what has come
    /// Runs the event loop until every command is answered, but an IDLE.
    void settle();

    void connect(Modes const& modes);
    /// Goes away: with LOGOUT, or in the middle of what is going on.
    void leave(bool abruptly, std::function<std::size_t(std::size_t)> const& cut);
    bool is_connected() const { return connection_ != nullptr; }
    /// Opens a mailbox; from the cache where it has one and QRESYNC is on. Settles.
    void select(std::string const& mailbox);
    void close(std::string const& command); ///< CLOSE or UNSELECT; settles
    void learn_all(); ///< fetches what is not known; settles

    Belief belief;
    std::string mailbox; ///< selected; empty: none
    Modes modes;
    std::map<std::uint32_t, int>
        doubtful; ///< UIDs whose flags an unanswered command may have changed

    std::string const& trace() const { return trace_; } ///< the last lines of the conversation
    [[noreturn]] void fail(std::string const& why) const;

private:
    struct Connection;
    struct Sent {
        std::string tag;
        std::string command;
        Numbers numbers;
        Done done;
    };

    void note(std::string const& line);
    void handle(Response const& response);
    void remember();
    void resume(Cache const& cache);

    test::TestServices& services_;
    std::string name_;
    std::unique_ptr<Connection> connection_;
    std::shared_ptr<bool> has_ended_;
    std::string received_;
    std::deque<Sent> sent_;
    bool is_idling_ = false;
    bool awaits_idle_ = false;
    std::map<std::string, Cache> caches_;
    std::map<std::uint32_t, KnownMessage>* resumed_ = nullptr; ///< while QRESYNC answers
    std::uint64_t commands_ = 0;
    unsigned next_tag_ = 1;
    unsigned connections_ = 0;
    std::string trace_;
};

} // namespace mail::model

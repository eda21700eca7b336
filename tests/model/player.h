// What clients do: random legal commands.
#pragma once

#include "tests/model/client.h"
#include "tests/model/random.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mail::model {

using Clients = std::vector<std::unique_ptr<Client>>;

class Player {
public:
    Player(World& world, Random& random, Clients& clients)
        : world_(world)
        , random_(random)
        , clients_(clients)
    {
    }

    void act(Client& client); ///< one command, or nothing
    void settle(); ///< every command of every client is answered, but IDLE
    void append(Client& client);
    void connect(Client& client);
    void notify(Client& client);
    void count(std::string const& what) { ++done_[what]; }
    std::map<std::string, int> const& done() const { return done_; }

private:
    /// A set of messages for a command, "UID " in front of the command where the set is of UIDs.
    struct Target {
        std::string prefix, set;
        std::vector<std::uint32_t> uids;

        Permits permits() const;
    };
    std::optional<Target> target(Client& client, std::size_t most);
    std::vector<std::uint32_t> some_uids(Client& client, std::size_t most);
    std::string const& name_for(Client const& client);
    std::string random_flags(std::size_t most);
    void select(Client& client);
    std::string random_user();
    Modes random_modes();

    // Messages
    void store(Client& client);
    void expunge(Client& client);
    void copy(Client& client);
    void move(Client& client);
    void transfer(Client& client, std::string const& verb);
    void replace(Client& client);
    void fetch(Client& client);
    void search(Client& client);
    void save(Client& client);
    void sort(Client& client);

    // Mailboxes
    void status(Client& client);
    void reopen(Client& client);
    void create(Client& client);
    void rename(Client& client);
    void remove(Client& client);
    void subscribe(Client& client);
    void share(Client& client);
    void doubt_names(Client& by, std::string const& name);
    void doubt_shared();
    void send_of_names(Client& client, std::string const& command, std::vector<std::string> names,
        Permits permits, std::function<void()> apply);

    // The rest
    void idle(Client& client);
    void noop(Client& client);
    void log_in_anew(Client& client);

    World& world_;
    Random& random_;
    Clients& clients_;
    std::map<std::string, int> done_;
};

} // namespace mail::model

// Several clients of two users on mailboxes that they share, a random mix of commands, clients that
// are cut off and come back: each sees only what it may be told, and all end with the truth.
//
// MAILROOM_MODEL_COMMANDS says how many commands (10,000 unless set), MAILROOM_MODEL_SEED where to
// begin.
#include "tests/model/checks.h"
#include "tests/model/player.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

namespace mail::model {
namespace {

    constexpr std::size_t client_count = 5;

    std::uint64_t setting(char const* name, std::uint64_t otherwise)
    {
        auto const* value = std::getenv(name);
        return value ? std::stoull(value) : otherwise;
    }

    class Model {
    public:
        explicit Model(std::uint64_t seed)
            : random_(seed)
            , player_(world_, random_, clients_)
        {
            for (std::size_t i = 0; i < client_count; ++i)
                clients_.push_back(
                    std::make_unique<Client>(world_, std::string(1, static_cast<char>('A' + i))));
            for (auto& client : clients_)
                player_.connect(*client);
            for (int i = 0; i < 10; ++i)
                player_.append(*clients_[0]);
        }

        std::uint64_t commands() const
        {
            std::uint64_t all = 0;
            for (auto const& client : clients_)
                all += client->commands();
            return all;
        }

        void round()
        {
            for (auto& client : clients_)
                if (random_.one_in(2))
                    player_.act(*client);
            if (random_.one_in(3))
                player_.settle();
            else
                run_a_little();
            if (random_.one_in(40))
                come_back(*random_.one_of(clients_));
            if (random_.one_in(25))
                compare();
            bring_back();
        }

        void compare()
        {
            settle_all();
            run_until_quiet();
            for (auto& client : clients_)
                if (!client->is_dismissed())
                    check_told(*client, world_);
            for (auto& client : clients_)
                learn_selected(*client);
            for (auto& client : clients_)
                if (!client->is_dismissed() && !client->mailbox.empty()) {
                    check_mailbox(*client, world_);
                    check_answers(*client, world_, random_);
                }
            for (auto& client : clients_)
                if (!client->is_dismissed())
                    learn_watched(*client, world_);
        }

        /// What all of them said and heard last.
        std::string tails() const
        {
            std::string text;
            for (auto const& client : clients_)
                text += "--- all of them, one:\n" + client->tail(3000);
            return text;
        }

        std::vector<std::string> verify() { return world_.verify(); }
        std::map<std::string, int> const& done() const { return player_.done(); }

    private:
        /// By a command that tells all that happened: with NOTIFY a NOOP tells what was asked for
        /// only.
        void learn_selected(Client& client)
        {
            if (client.is_dismissed())
                return;
            client.send("NOOP");
            client.settle();
            if (client.is_dismissed())
                return;
            if (client.wishes && !client.mailbox.empty() && !client.wishes->of_selected().flags) {
                bool const snapshot = client.wishes->selected || !client.wishes->groups.empty();
                if (snapshot && random_.one_in(2))
                    client.notify(*client.wishes);
                else
                    client.select(client.mailbox);
                client.settle();
            }
            if (!client.is_dismissed())
                client.learn_all();
        }

        void come_back(Client& client)
        {
            bool const abruptly = random_.one_in(2);
            player_.count(abruptly ? "cut off" : "leave");
            if (abruptly && random_.one_in(2))
                player_.act(client);
            if (abruptly)
                run_a_little();
            client.leave(abruptly, [&](std::size_t octets) { return random_.number(octets); });
            for (std::size_t i = random_.number(4); i > 0; --i)
                for (auto& other : clients_)
                    if (other->is_connected())
                        player_.act(*other);
            settle_all();
            player_.connect(client);
        }

        /// Those whose mailbox was deleted under them, or taken away.
        void bring_back()
        {
            for (auto& client : clients_) {
                if (!client->is_dismissed())
                    continue;
                player_.count("BYE");
                client->leave(false, {});
                player_.connect(*client);
            }
        }

        void run_a_little()
        {
            for (std::size_t i = random_.number(6); i > 0; --i) {
                world_.services.io.restart();
                world_.services.io.poll_one();
            }
            for (auto& client : clients_)
                client->hear();
        }

        /// Every command is answered: what there is to tell is told when nothing more happens.
        void run_until_quiet()
        {
            do
                world_.services.io.restart();
            while (world_.services.io.poll() != 0);
            for (auto& client : clients_)
                client->hear();
        }

        void settle_all()
        {
            for (auto& client : clients_)
                if (client->is_connected())
                    client->end_idle();
            player_.settle();
        }

        World world_;
        Random random_;
        Clients clients_;
        Player player_;
    };

    TEST(ImapModel, NoSessionIsToldWhatItMayNotAndAllConverge)
    {
        auto const wanted = setting("MAILROOM_MODEL_COMMANDS", 10'000);
        auto const seed = setting("MAILROOM_MODEL_SEED", 1);
        std::uint64_t done = 0;
        std::map<std::string, int> kinds;
        // A new world now and then: mailboxes stay small, and much happens to each message.
        for (std::uint64_t run = 0; done < wanted; ++run) {
            Model model(seed + run);
            try {
                while (model.commands() < std::min<std::uint64_t>(5'000, wanted - done))
                    model.round();
                model.compare();
                EXPECT_EQ(model.verify(), std::vector<std::string> {});
            } catch (Illegal const& illegal) {
                FAIL() << model.tails() << "seed " << seed + run << ": " << illegal.what();
            }
            done += model.commands();
            for (auto const& [name, count] : model.done())
                kinds[name] += count;
        }
        std::cout << done << " commands:";
        for (auto const& [name, count] : kinds)
            std::cout << " " << name << " " << count << ",";
        std::cout << "\n";
        for (auto const* name :
            { "STORE", "UID STORE", "UID STORE UNCHANGEDSINCE", "EXPUNGE", "UID EXPUNGE", "COPY",
                "UID COPY", "MOVE", "UID MOVE", "APPEND", "MULTIAPPEND", "REPLACE", "UID REPLACE",
                "FETCH", "UID FETCH", "SEARCH", "SAVE", "$", "SORT", "IDLE", "NOOP", "SELECT",
                "NOTIFY", "NOTIFY SELECTED", "NOTIFY SELECTED-DELAYED", "CREATE", "RENAME",
                "DELETE", "SUBSCRIBE", "SETACL", "UNAUTHENTICATE", "COMPRESS", "BYE", "cut off" })
            EXPECT_GT(kinds[name], 0) << name << " was never sent";
    }

} // namespace
} // namespace mail::model

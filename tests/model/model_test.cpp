// Several clients on the mailboxes of one account, a random mix of commands, clients that are cut
// off and come back: each sees only what it may be told, and all end with the truth.
//
// MAILROOM_MODEL_COMMANDS says how many commands (10,000 unless set), MAILROOM_MODEL_SEED where to
// begin.
#include "storage/changes.h"
#include "storage/verify.h"
#include "tests/model/client.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <random>

namespace mail::model {
namespace {

    std::uint64_t setting(char const* name, std::uint64_t otherwise)
    {
        auto const* value = std::getenv(name);
        return value ? std::stoull(value) : otherwise;
    }

    char const* const mailboxes[] = { "INBOX", "Other" };
    char const* const flags[]
        = { "\\Seen", "\\Answered", "\\Flagged", "\\Deleted", "\\Draft", "$One", "Two" };

    struct Truth {
        std::uint32_t uid = 0;
        FlagSet flags;
        std::uint64_t mod_seq = 0;
    };

    class Model {
    public:
        explicit Model(std::uint64_t seed)
            : random_(seed)
        {
            auto const account = services_.account("alice");
            auto const made = services_.store().volume_of(account).write(
                [&](storage::WriteTxn& txn) -> storage::Result<void> {
                    auto const other
                        = storage::create_mailbox(txn, account.id, { .name = "Other" });
                    return other ? storage::Result<void> {} : other.error();
                });
            EXPECT_TRUE(made);
            for (int i = 0; i < 4; ++i)
                clients_.push_back(std::make_unique<Client>(
                    services_, std::string(1, static_cast<char>('A' + i))));
            for (auto& client : clients_)
                connect(*client);
            for (int i = 0; i < 10; ++i)
                append(*clients_[0]);
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
                if (one_in(2))
                    act(*client);
            if (one_in(3))
                settle();
            else
                run_a_little();
            if (one_in(40))
                come_back(*clients_[number(clients_.size())]);
            if (one_in(25))
                compare();
        }

        void compare()
        {
            settle_all();
            for (auto& client : clients_) {
                client->send("NOOP");
                client->settle();
                client->learn_all();
            }
            for (auto& client : clients_)
                if (!client->mailbox.empty())
                    compare(*client);
        }

        void verify()
        {
            auto const account = services_.account("alice");
            auto const txn = services_.store().volume_of(account).read();
            EXPECT_EQ(storage::verify_account(txn, account.id), std::vector<std::string> {});
        }

        std::map<std::string, int> const& done() const { return done_; }

    private:
        std::size_t number(std::size_t below) { return random_() % below; }
        bool one_in(std::size_t n) { return number(n) == 0; }

        void connect(Client& client)
        {
            Modes modes;
            modes.qresync = one_in(2);
            modes.condstore = modes.qresync || one_in(3);
            modes.uid_only = one_in(3);
            modes.rev2 = one_in(3);
            client.connect(modes);
            client.select(mailboxes[number(2)]);
        }

        void come_back(Client& client)
        {
            bool const abruptly = one_in(2);
            count(abruptly ? "cut off" : "leave");
            if (abruptly && one_in(2))
                act(client);
            if (abruptly)
                run_a_little();
            client.leave(abruptly, [&](std::size_t octets) { return number(octets); });
            for (std::size_t i = number(4); i > 0; --i)
                for (auto& other : clients_)
                    if (other->is_connected())
                        act(*other);
            settle_all();
            connect(client);
        }

        void run_a_little()
        {
            for (std::size_t i = number(6); i > 0; --i) {
                services_.io.restart();
                services_.io.poll_one();
            }
            for (auto& client : clients_)
                client->hear();
        }

        void settle()
        {
            for (auto& client : clients_)
                if (client->is_connected())
                    client->settle();
        }

        void settle_all()
        {
            for (auto& client : clients_)
                if (client->is_connected())
                    client->end_idle();
            settle();
        }

        // --- Commands

        std::string random_flags(std::size_t most)
        {
            std::string list;
            FlagSet used;
            for (std::size_t i = number(most + 1); i > 0; --i)
                if (std::string const flag = flags[number(std::size(flags))];
                    used.insert(flag).second)
                    list += (list.empty() ? "" : " ") + flag;
            return "(" + list + ")";
        }

        /// UIDs that the client knows; 0 to `most`.
        std::vector<std::uint32_t> some_uids(Client& client, std::size_t most)
        {
            std::set<std::uint32_t> uids;
            for (std::size_t i = number(most) + 1; i > 0 && !client.belief.messages.empty(); --i)
                if (auto const& each
                    = client.belief.messages[number(client.belief.messages.size())];
                    each.uid)
                    uids.insert(*each.uid);
            return { uids.begin(), uids.end() };
        }

        static std::string join(std::vector<std::uint32_t> const& numbers)
        {
            std::string text;
            for (auto const number : numbers)
                text += (text.empty() ? "" : ",") + std::to_string(number);
            return text;
        }

        /// A set of messages for a command, "UID " in front of the command where the set is of
        /// UIDs.
        struct Target {
            std::string prefix, set;
            std::vector<std::uint32_t> uids;
            Client::Numbers numbers;
        };
        std::optional<Target> target(Client& client, std::size_t most)
        {
            auto const uids = some_uids(client, most);
            if (uids.empty())
                return std::nullopt;
            // Numbers name the right messages only when nothing is under way.
            if (client.modes.uid_only || client.outstanding() != 0 || one_in(2))
                return Target { "UID ", join(uids), uids, Client::Numbers::free };
            std::vector<std::uint32_t> numbers;
            for (std::size_t i = 0; i < client.belief.messages.size(); ++i)
                for (auto const uid : uids)
                    if (client.belief.messages[i].uid == uid)
                        numbers.push_back(static_cast<std::uint32_t>(i + 1));
            return Target { "", join(numbers), uids, Client::Numbers::held };
        }

        void count(std::string const& what) { ++done_[what]; }

        void act(Client& client)
        {
            if (client.is_idling() || client.outstanding() > 3) {
                if (one_in(3))
                    client.end_idle();
                return;
            }
            if (client.mailbox.empty()) {
                settle_all();
                client.select(mailboxes[number(2)]);
                return;
            }
            switch (number(20)) {
            case 0:
            case 1:
            case 2:
            case 3:
                return store(client);
            case 4:
                return expunge(client);
            case 5:
            case 6:
                return copy(client, "COPY");
            case 7:
                return copy(client, "MOVE");
            case 8:
            case 9:
            case 10:
                return append(client);
            case 11:
            case 12:
            case 13:
                return fetch(client);
            case 14:
                return search(client);
            case 15:
                return idle(client);
            case 16:
                return status(client);
            case 17:
                return reopen(client);
            default:
                count("NOOP");
                return client.send(one_in(4) && !client.modes.rev2 ? "CHECK" : "NOOP");
            }
        }

        static FlagSet lower(std::string const& list)
        {
            FlagSet set;
            std::string word;
            for (char const c : list + " ") {
                if (c != ' ' && c != '(' && c != ')')
                    word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
                else if (!word.empty())
                    set.insert(std::exchange(word, {}));
            }
            return set;
        }

        void store(Client& client)
        {
            auto const where = target(client, 4);
            if (!where)
                return;
            char const mode = "=+-"[number(3)];
            bool const silent = one_in(2);
            auto const list = random_flags(3);
            std::string condition;
            if (client.modes.condstore && one_in(3))
                condition = " (UNCHANGEDSINCE "
                    + std::to_string(one_in(3) ? 0 : client.belief.highest_mod_seq) + ")";
            auto const command = where->prefix + "STORE " + where->set + condition + " "
                + (mode == '=' ? "" : std::string(1, mode)) + "FLAGS" + (silent ? ".SILENT" : "")
                + " " + list;
            count(where->prefix + "STORE" + (condition.empty() ? "" : " UNCHANGEDSINCE"));
            auto const changes = lower(list);
            // What is under way may still tell the flags as they were before; and what a condition
            // left alone the client learns only by asking.
            bool const is_sure = client.outstanding() == 0 && condition.empty();
            for (auto const uid : where->uids) {
                ++client.doubtful[uid];
                auto* const message = client.belief.find(uid);
                // A silent change is told of nowhere: the client makes it in its own copy.
                if (!silent || !is_sure || !message || !message->flags)
                    continue;
                auto& now = *message->flags;
                if (mode == '=')
                    now = changes;
                for (auto const& flag : changes)
                    if (mode == '-')
                        now.erase(flag);
                    else
                        now.insert(flag);
            }
            auto done = [&client, where, asks = silent && !is_sure](Response const& tagged) {
                for (auto const uid : where->uids) {
                    if (--client.doubtful[uid] == 0)
                        client.doubtful.erase(uid);
                    if (auto* const message = client.belief.find(uid);
                        message && (asks || tagged.condition != "OK"))
                        message->flags.reset();
                }
            };
            client.send(command, where->numbers, done);
        }

        void expunge(Client& client)
        {
            auto const uids = some_uids(client, 5);
            if (one_in(2) && !uids.empty()) {
                count("UID EXPUNGE");
                client.send("UID EXPUNGE " + join(uids));
            } else {
                count("EXPUNGE");
                client.send("EXPUNGE");
            }
        }

        void copy(Client& client, std::string const& verb)
        {
            auto const where = target(client, 3);
            if (!where)
                return;
            count(where->prefix + verb);
            // COPY and MOVE by number may tell expunges.
            client.send(where->prefix + verb + " " + where->set + " " + mailboxes[number(2)]);
        }

        void append(Client& client)
        {
            count("APPEND");
            std::string const text = "Subject: x\r\n\r\nbody\r\n";
            client.send("APPEND " + std::string(mailboxes[number(2)]) + " " + random_flags(2) + " {"
                + std::to_string(text.size()) + "+}\r\n" + text);
        }

        void fetch(Client& client)
        {
            static constexpr char const* items[]
                = { "(FLAGS)", "(UID FLAGS)", "(UID RFC822.SIZE)", "(FLAGS INTERNALDATE)" };
            std::string what = items[number(4)];
            if (client.modes.condstore && one_in(2))
                what = "(UID FLAGS MODSEQ)";
            std::string modifier;
            if (client.modes.condstore && one_in(3))
                modifier
                    = " (CHANGEDSINCE " + std::to_string(client.belief.highest_mod_seq / 2) + ")";
            bool const all = one_in(3) && !client.belief.messages.empty();
            auto const where = target(client, 5);
            if (!where)
                return;
            count(where->prefix + "FETCH" + (modifier.empty() ? "" : " CHANGEDSINCE"));
            client.send(
                where->prefix + "FETCH " + (all ? "1:*" : where->set) + " " + what + modifier,
                where->numbers);
        }

        void search(Client& client)
        {
            static constexpr char const* keys[]
                = { "ALL", "UNSEEN", "DELETED", "KEYWORD two", "NOT FLAGGED", "OR ANSWERED DRAFT" };
            bool const by_uid = client.modes.uid_only || one_in(2);
            count(by_uid ? "UID SEARCH" : "SEARCH");
            client.send(std::string(by_uid ? "UID " : "") + "SEARCH "
                    + (one_in(2) ? "RETURN (ALL COUNT) " : "") + keys[number(std::size(keys))],
                by_uid ? Client::Numbers::free : Client::Numbers::held);
        }

        void idle(Client& client)
        {
            if (client.outstanding() != 0)
                return;
            count("IDLE");
            client.idle();
        }

        void status(Client& client)
        {
            count("STATUS");
            client.send("STATUS " + std::string(mailboxes[number(2)])
                + " (MESSAGES UIDNEXT UNSEEN HIGHESTMODSEQ)");
            client.modes.condstore = true; // RFC 7162 §3.1: asking for HIGHESTMODSEQ enables it
        }

        void reopen(Client& client)
        {
            settle_all();
            if (one_in(3)) {
                count("CLOSE or UNSELECT");
                client.close(one_in(2) ? "CLOSE" : "UNSELECT");
            }
            count("SELECT");
            client.select(mailboxes[number(2)]);
        }

        // --- The truth

        std::vector<Truth> truth(std::string const& mailbox)
        {
            std::vector<Truth> found;
            auto const account = services_.account("alice");
            auto const txn = services_.store().volume_of(account).read();
            auto const record = storage::find_mailbox(txn, account.id, mailbox);
            storage::scan_messages(
                txn, account.id, record->id, storage::all_uids, [&](storage::HotRecord const& hot) {
                    Truth each { hot.uid.value, {}, hot.mod_seq.value };
                    static constexpr char const* names[]
                        = { "\\seen", "\\answered", "\\flagged", "\\deleted", "\\draft" };
                    for (unsigned bit = 0; bit < 5; ++bit)
                        if ((hot.flags.system >> bit & 1) != 0)
                            each.flags.insert(names[bit]);
                    for (std::size_t bit = 0; bit < record->keywords.size(); ++bit)
                        if (hot.flags.has_keyword(bit))
                            each.flags.merge(lower(record->keywords[bit]));
                    found.push_back(std::move(each));
                    return true;
                });
            return found;
        }

        static std::string words(std::optional<FlagSet> const& set)
        {
            std::string text;
            for (auto const& flag : set.value_or(FlagSet { "?" }))
                text += " " + flag;
            return text.empty() ? " none" : text;
        }

        void compare(Client& client)
        {
            auto const real = truth(client.mailbox);
            auto const& believed = client.belief.messages;
            if (believed.size() != real.size())
                client.fail("it has " + std::to_string(believed.size()) + " messages of "
                    + std::to_string(real.size()));
            for (std::size_t i = 0; i < real.size(); ++i) {
                auto const name = "message " + std::to_string(i + 1) + ", UID "
                    + std::to_string(real[i].uid) + ": ";
                if (believed[i].uid != real[i].uid)
                    client.fail(
                        name + "it believes UID " + std::to_string(believed[i].uid.value_or(0)));
                if (believed[i].flags != real[i].flags)
                    client.fail(name + "it believes the flags" + words(believed[i].flags)
                        + ", and there are" + words(real[i].flags) + " since MODSEQ "
                        + std::to_string(real[i].mod_seq));
                if (believed[i].mod_seq > real[i].mod_seq)
                    client.fail(name + "a MODSEQ that is not given out");
            }
        }

        test::TestServices services_;
        std::mt19937_64 random_;
        std::vector<std::unique_ptr<Client>> clients_;
        std::map<std::string, int> done_;
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
                model.verify();
            } catch (Illegal const& illegal) {
                FAIL() << "seed " << seed + run << ": " << illegal.what();
            }
            done += model.commands();
            for (auto const& [name, count] : model.done())
                kinds[name] += count;
        }
        std::cout << done << " commands:";
        for (auto const& [name, count] : kinds)
            std::cout << " " << name << " " << count << ",";
        std::cout << "\n";
        for (auto const* name : { "STORE", "UID STORE", "UID STORE UNCHANGEDSINCE", "EXPUNGE",
                 "UID EXPUNGE", "COPY", "UID COPY", "MOVE", "UID MOVE", "APPEND", "FETCH",
                 "UID FETCH", "SEARCH", "IDLE", "NOOP", "SELECT", "cut off" })
            EXPECT_GT(kinds[name], 0) << name << " was never sent";
    }

} // namespace
} // namespace mail::model

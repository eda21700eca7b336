// Commands that were damaged in every way, before and after the login: the server lives on, grows
// by nothing, lets nobody in without the password, and every answer is the right one for the
// maildrop of the one who asks. MAILROOM_MUTATIONS says how many (5,000), MAILROOM_SEED which.
#include "protocol/sasl/base64.h"
#include "tests/pop3/client.h"
#include "tests/pop3/reading.h"

#include <malloc.h>

#include <cstdlib>
#include <random>

#ifdef __SANITIZE_ADDRESS__
extern "C" std::size_t __sanitizer_get_current_allocated_bytes(); // GCC has no header with it
#endif

namespace mail::pop3 {
namespace {

    std::size_t allocated()
    {
#ifdef __SANITIZE_ADDRESS__
        return __sanitizer_get_current_allocated_bytes();
#else
        return ::mallinfo2().uordblks;
#endif
    }

    unsigned long from_environment(char const* name, unsigned long otherwise)
    {
        auto const* text = std::getenv(name);
        return text ? std::strtoul(text, nullptr, 10) : otherwise;
    }

    std::vector<std::string> const seeds {
        "USER alice",
        "PASS pass of alice",
        "USER alice\r\nPASS pass of alice",
        "USER bob\r\nPASS pass of bob",
        "AUTH PLAIN AGFsaWNlAHBhc3Mgb2YgYWxpY2U=",
        "AUTH PLAIN\r\nAGJvYgBwYXNzIG9mIGJvYg==",
        "AUTH LOGIN\r\nYWxpY2U=\r\ncGFzcyBvZiBhbGljZQ==",
        "AUTH SCRAM-SHA-256 biwsbj1hbGljZSxyPWZ5a28rZDJsYmJGZ09OUnY5cWt4ZGF3TA==\r\nYz1iaXdz",
        "AUTH",
        "CAPA",
        "UTF8",
        "LANG de",
        "LANG\r\nLANG *",
        "STLS",
        "STAT",
        "LIST",
        "LIST 3",
        "UIDL",
        "UIDL 2",
        "RETR 1\r\nRETR 2",
        "RETR 3\r\nDELE 3\r\nRETR 4",
        "RETR 6",
        "TOP 1 0",
        "TOP 2 3\r\nTOP 6 10",
        "TOP 5 99999999",
        "DELE 1",
        "DELE 4\r\nDELE 2\r\nRSET",
        "RSET",
        "NOOP",
        "QUIT",
        "XTND XMIT",
        "APOP alice c4c9334bac560ecc979e58001b3e22fb",
    };

    class Mutator {
    public:
        explicit Mutator(unsigned long seed)
            : random_(seed)
        {
        }
        std::size_t below(std::size_t limit) { return random_() % limit; }

        std::string line()
        {
            auto text = seeds[below(seeds.size())];
            for (auto left = below(5); left > 0; --left)
                change(text);
            return text;
        }

    private:
        void change(std::string& text)
        {
            static std::vector<std::string> const pieces { std::string(1, '\0'), "\r", "\n", "\r\n",
                " ", "  ", "\t", "\xff", "\xc3\xa4", "0", "-1", "1", "999999999999999999999", "=",
                "*", ".", "\r\n.\r\n", "AUTH", "\x7f", std::string(9000, 'x'),
                std::string(300, ' ') };
            auto const at = below(text.size() + 1);
            auto const length = below(text.size() - at + 1);
            switch (below(8)) {
            case 0:
                if (at < text.size())
                    text[at] = static_cast<char>(text[at] ^ (1 << below(8)));
                break;
            case 1:
                text.insert(at, 1, static_cast<char>(random_()));
                break;
            case 2:
                text.erase(at, 1 + below(3));
                break;
            case 3:
                text.insert(at, text.substr(at, length));
                break;
            case 4:
                text.insert(at, pieces[below(pieces.size())]);
                break;
            case 5:
                text.insert(at, seeds[below(seeds.size())]);
                break;
            case 6:
                text += "\r\n" + seeds[below(seeds.size())];
                break;
            default:
                text.resize(at);
            }
        }
        std::mt19937_64 random_;
    };

    std::vector<std::string> mail_of(std::string const& name)
    {
        std::string large = "Subject: large " + name + "\r\n\r\n";
        while (large.size() < 70'000)
            large
                += "a bare\nline feed and a dot\n.\n..\r\n" + std::to_string(large.size()) + "\r\n";
        return { "Subject: mail of " + name + "\r\n\r\nbody of " + name + "\r\n",
            "X: 1\r\n\r\n.\r\n..\r\n.end\r\n", "Subject: no end " + name + "\r\n\r\nlast line",
            "Subject: Grüße an " + name + "\r\nTo: ü@ü.de\r\n\r\nbody ü\r\n", "", large };
    }

    /// One connection, and what its client must be told.
    class Player {
    public:
        Player(
            test::TestServices& services, std::map<std::string, storage::Account> const& accounts)
            : services_(services)
            , accounts_(accounts)
            , client_(services)
        {
            client_.start();
            client_.settle();
            client_.stream.take_output(); // the greeting
        }

        bool is_over() const { return client_.finished; }
        std::string const& user() const { return user_; }

        void play(std::string const& input)
        {
            auto const said = client_.say(input + "\r\n");
            EXPECT_EQ(client_.ended_by, nullptr);
            Responses responses(said);
            for (auto const& line : lines_of(input)) {
                if (responses.empty() && client_.finished)
                    break; // it was told goodbye before
                check(line, responses);
            }
            EXPECT_TRUE(responses.empty()) << "more answers than commands";
        }

    private:
        static std::vector<std::string> lines_of(std::string const& input)
        {
            std::vector<std::string> lines;
            for (std::size_t at = 0; at <= input.size();) {
                auto const end = std::min(input.find('\n', at), input.size());
                lines.push_back(input.substr(at, end - at));
                if (lines.back().ends_with('\r') && end < input.size())
                    lines.back().pop_back();
                at = end + 1;
            }
            return lines;
        }

        void check(std::string const& line, Responses& responses)
        {
            auto const first = responses.line();
            bool const is_ok = first.starts_with("+OK");
            bool const is_challenge = first.starts_with("+ ");
            EXPECT_TRUE(is_ok || is_challenge || first.starts_with("-ERR ")) << first;
            EXPECT_LE(first.size(), 510u);
            auto const space = line.find(' ');
            auto command = in_exchange_ ? "AUTH" : line.substr(0, space);
            std::ranges::transform(command, command.begin(),
                [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
            auto const arguments = space == line.npos ? std::string {} : line.substr(space + 1);
            bool const lists_mechanisms = !in_exchange_ && command == "AUTH"
                && (arguments.empty() || arguments.starts_with(' '));
            in_exchange_ = is_challenge;
            EXPECT_TRUE(!is_challenge || command == "AUTH") << line;
            if (command == "PASS" || (command == "AUTH" && !lists_mechanisms))
                note_login(line, is_ok);
            else if (is_ok)
                check_answer(lists_mechanisms ? "AUTH" : command, arguments, first, responses);
            else if (!user_.empty())
                check_refusal(command, arguments);
        }

        void note_login(std::string const& line, bool is_ok)
        {
            if (!is_ok)
                return;
            ASSERT_TRUE(client_.session.is_logged_in());
            user_ = client_.session.account().name;
            std::string shown = line.substr(line.rfind(' ') == line.npos ? 0 : line.rfind(' ') + 1);
            if (auto const decoded = sasl::decode_base64(shown, 10'000))
                shown = *decoded;
            else
                shown = line;
            EXPECT_NE(shown.find("pass of " + user_), shown.npos) << "let in by " << line;
            stored_ = test::messages_of(services_.store(), accounts_.at(user_));
            deleted_.assign(stored_.size(), false);
        }

        bool exists(std::optional<std::size_t> number) const
        {
            return number && *number >= 1 && *number <= stored_.size() && !deleted_[*number - 1];
        }

        void check_answer(std::string const& command, std::string const& arguments,
            std::string_view first, Responses& responses)
        {
            bool const has_arguments = arguments.find_first_not_of(' ') != arguments.npos;
            auto const number = number_in(arguments);
            bool const is_message = command == "RETR" || command == "DELE"
                || (has_arguments && (command == "LIST" || command == "UIDL"));
            EXPECT_TRUE(!is_message || exists(number)) << command << " " << arguments;
            if (command == "UTF8")
                is_utf8_ = true;
            else if (command == "RSET")
                deleted_.assign(stored_.size(), false);
            else if (command == "STAT")
                EXPECT_EQ(first, "+OK " + totals());
            else if (command == "RETR")
                EXPECT_TRUE(responses.block() == as_sent(stored_[*number - 1], is_utf8_))
                    << arguments;
            else if (command == "DELE")
                deleted_[*number - 1] = true;
            else if (command == "TOP")
                check_top(arguments, responses);
            else if ((command == "LIST" || command == "UIDL") && !has_arguments)
                check_listing(responses.block(), command == "LIST");
            else if (command == "LIST")
                EXPECT_EQ(first, "+OK " + row(*number));
            else if (command == "CAPA" || command == "AUTH"
                || (command == "LANG" && !has_arguments))
                EXPECT_FALSE(responses.block().empty());
            else if (command == "QUIT")
                check_update();
        }

        void check_refusal(std::string const& command, std::string const& arguments) const
        {
            bool const is_message
                = command == "RETR" || command == "DELE" || command == "LIST" || command == "UIDL";
            EXPECT_FALSE(is_message && exists(number_in(arguments))) << command << " " << arguments;
        }

        void check_top(std::string const& arguments, Responses& responses)
        {
            auto const begin = arguments.find_first_not_of(' ');
            auto const space = arguments.find(' ', begin);
            auto const number = number_in(arguments.substr(begin, space - begin));
            auto const lines = number_in(arguments.substr(space));
            ASSERT_TRUE(exists(number) && lines) << arguments;
            EXPECT_TRUE(
                responses.block() == top_of(as_sent(stored_[*number - 1], is_utf8_), *lines))
                << arguments;
        }

        void check_listing(std::string const& listing, bool has_sizes)
        {
            std::size_t at = 0;
            std::set<std::string> ids;
            for (std::size_t number = 1; number <= stored_.size(); ++number) {
                if (deleted_[number - 1])
                    continue;
                auto const end = listing.find("\r\n", at);
                ASSERT_NE(end, listing.npos) << listing;
                auto const text = listing.substr(at, end - at);
                at = end + 2;
                if (has_sizes)
                    EXPECT_EQ(text, row(number));
                else
                    EXPECT_TRUE(text.starts_with(std::to_string(number) + " ")
                        && ids.insert(text.substr(text.find(' '))).second)
                        << listing;
            }
            EXPECT_EQ(at, listing.size());
        }

        void check_update()
        {
            if (user_.empty())
                return;
            std::vector<std::string> left;
            for (std::size_t i = 0; i < stored_.size(); ++i)
                if (!deleted_[i])
                    left.push_back(stored_[i]);
            EXPECT_TRUE(test::messages_of(services_.store(), accounts_.at(user_)) == left);
        }

        std::string row(std::size_t number) const
        {
            return std::to_string(number) + " " + std::to_string(stored_[number - 1].size());
        }
        std::string totals() const
        {
            std::size_t count = 0;
            std::size_t octets = 0;
            for (std::size_t i = 0; i < stored_.size(); ++i) {
                count += deleted_[i] ? 0 : 1;
                octets += deleted_[i] ? 0 : stored_[i].size();
            }
            return std::to_string(count) + " " + std::to_string(octets);
        }

        test::TestServices& services_;
        std::map<std::string, storage::Account> const& accounts_;
        Client client_;
        std::string user_; ///< after the login
        std::vector<std::string> stored_; ///< at the login
        std::vector<bool> deleted_;
        bool is_utf8_ = false;
        bool in_exchange_ = false;
    };

    struct Pop3Mutations : ::testing::Test {
        Pop3Mutations()
        {
            services.authenticator.has_keys = true;
            for (std::string const name : { "alice", "bob" }) {
                services.authenticator.passwords[name] = "pass of " + name;
                accounts.emplace(name, services.account(name));
            }
        }
        void refill()
        {
            for (auto const& [name, account] : accounts) {
                auto const has = test::messages_of(services.store(), account).size();
                auto const mail = mail_of(name);
                for (auto i = has; i < mail.size(); ++i)
                    test::store_message(services.store(), account, mail[i]);
            }
        }

        test::TestServices services;
        std::map<std::string, storage::Account> accounts;
    };

    TEST_F(Pop3Mutations, ChangeNothingButWhatTheyMay)
    {
        auto const count = from_environment("MAILROOM_MUTATIONS", 5000);
        Mutator mutator(from_environment("MAILROOM_SEED", 1));
        std::size_t before = 0;
        std::size_t logins = 0;
        auto const enough_to_compare = count / 5;
        for (unsigned long done = 0; done < count && !HasFailure();) {
            if (done >= enough_to_compare && before == 0)
                before = allocated();
            refill();
            Player player(services, accounts);
            if (mutator.below(3) != 0)
                player.play(mutator.below(2) ? "USER alice\r\nPASS pass of alice"
                                             : "UTF8\r\nUSER bob\r\nPASS pass of bob");
            for (auto left = 1 + mutator.below(60); left > 0 && done < count && !player.is_over();
                 --left, ++done) {
                auto const input = mutator.line();
                SCOPED_TRACE("mutation " + std::to_string(done) + ": "
                    + ::testing::PrintToString(input.substr(0, 500)));
                player.play(input);
                if (HasFailure())
                    break;
            }
            logins += player.user().empty() ? 0 : 1;
            services.journal.lines.clear();
        }
        EXPECT_GT(logins, count / 100);
        EXPECT_LT(allocated(), before + 2 * 1024 * 1024) << "memory grows";
    }

} // namespace
} // namespace mail::pop3

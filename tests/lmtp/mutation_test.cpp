// Sessions that were damaged at random: no input brings the server down or lets it grow, and what
// it answers 250 is in the right mailbox, octet for octet, and nothing else is anywhere. What must
// be there is told by a reader of LMTP of its own, which shares no code with the server: it follows
// the input by the server's replies alone.
//
// MAILROOM_MUTATIONS is the number of sessions, 3,000 unless set. Each has its own seed: a failure
// names it, and MAILROOM_MUTATION_SEED runs that one alone.
#include "tests/lmtp/client.h"
#include "tests/lmtp/reader.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <random>

#if defined(__SANITIZE_ADDRESS__)
extern "C" std::size_t __sanitizer_get_current_allocated_bytes(); // GCC 12 has no header for it
#else
#include <malloc.h>
#endif

namespace mail::lmtp {
namespace {

    using Random = std::mt19937_64;

    std::size_t allocated_octets()
    {
#if defined(__SANITIZE_ADDRESS__)
        return ::__sanitizer_get_current_allocated_bytes();
#else
        return ::mallinfo2().uordblks;
#endif
    }

    std::size_t number_from_environment(char const* name, std::size_t otherwise)
    {
        auto const* const text = std::getenv(name);
        return text ? std::strtoull(text, nullptr, 10) : otherwise;
    }

    // --- Damage ---------------------------------------------------------------------------------

    std::vector<std::string> const& sessions()
    {
        static std::string const binary(
            "Content-Transfer-Encoding: binary\r\n\r\n\0\r\n.\r\n\xff", 44);
        static std::vector<std::string> const all {
            "LHLO mx.example\r\nMAIL FROM:<a@b> SIZE=20 BODY=8BITMIME\r\nRCPT TO:<alice@x>\r\n"
            "RCPT TO:<nobody@x>\r\nRCPT TO:<bob@x>\r\nDATA\r\nA: 1\r\n\r\n..\r\nxyz\r\n.\r\n"
            "RSET\r\nMAIL FROM:<>\r\nRCPT TO:<\"carol\"@x>\r\nDATA\r\nB: 2\r\n.\r\nQUIT\r\n",
            "LHLO mx.example\r\nMAIL FROM:<a@b> BODY=BINARYMIME\r\nRCPT TO:<alice@x>\r\n"
            "RCPT TO:<bob+lists@x>\r\nBDAT 6\r\nA: 1\r\nBDAT "
                + std::to_string(binary.size()) + "\r\n" + binary
                + "BDAT 0 LAST\r\nMAIL FROM:<>\r\nRCPT TO:<carol>\r\nBDAT 8 LAST\r\nQUIT\r\n\r\n"
                  "NOOP\r\nQUIT\r\n",
            "lhlo [127.0.0.1]\r\nmail from:<\xc3\xa9@b\xc3\xbc.example> smtputf8 ret=hdrs "
            "envid=a+2Bb auth=<>\r\nrcpt to:<alice+Lists@x> notify=success,failure "
            "orcpt=rfc822;a+2Bb@x ignorequota\r\nvrfy alice\r\nexpn staff\r\nhelp\r\nnoop\r\n"
            "data\r\nMessage-ID: <1@x>\r\n\r\n\n.\n\r.\r\r\n.\r\n",
            "LHLO x\r\nAUTH PLAIN AGNhcm9sAHNlY3JldA==\r\nMAIL FROM:<a@b>\r\nRCPT TO:<alice>\r\n"
            "BDAT 4 LAST\r\nabcdRSET\r\nMAIL FROM:<a@b>\r\nRCPT TO:<bob>\r\nDATA\r\nx\r\n.\r\n",
            "LHLO x\r\nAUTH LOGIN\r\nY2Fyb2w=\r\nc2VjcmV0\r\nMAIL FROM:<a@b>\r\nRCPT "
            "TO:<alice>\r\nDATA\r\nx\r\n.\r\nAUTH PLAIN\r\n*\r\nSTARTTLS\r\nLHLO y\r\n",
        };
        return all;
    }

    std::string damage(Random& random)
    {
        static std::vector<std::string> const words { "\r\n", "\n", "\r", ".", "\r\n.\r\n",
            std::string(1, char {}), " ", "<", ">", "\"", "\\", "@", "+", "=", ":", "BDAT 5\r\n",
            "BDAT 3 LAST\r\n", "BDAT 18446744073709551615\r\n", "DATA\r\n", "RSET\r\n",
            "MAIL FROM:<>\r\n", "RCPT TO:<alice@x>\r\n", "RCPT TO:<bob>\r\n", "LHLO x\r\n",
            "AUTH PLAIN\r\n", "*\r\n", "STARTTLS\r\n", "NOOP\r\n", "HELO x\r\n",
            "SIZE=", "SMTPUTF8", "\xc3", "\xff", "9" };
        auto const pick
            = [&](std::size_t below) { return static_cast<std::size_t>(random() % below); };
        auto text = sessions()[pick(sessions().size())];
        if (pick(4) == 0)
            text += sessions()[pick(sessions().size())];
        for (auto left = pick(6); left != 0; --left) {
            auto const at = pick(text.size() + 1);
            auto const count = std::min(text.size() - at, pick(pick(4) == 0 ? 60 : 4));
            switch (pick(7)) {
            case 0:
                if (at < text.size())
                    text[at] = static_cast<char>(text[at] ^ (1 << pick(8)));
                break;
            case 1:
                text.erase(at, count);
                break;
            case 2:
                text.insert(at, std::string(text, at, count));
                break;
            case 3:
                text.insert(at, words[pick(words.size())]);
                break;
            case 4:
                text.resize(at);
                break;
            case 5:
                text.insert(at, std::string(pick(3) == 0 ? pick(6000) : pick(8), 'x'));
                break;
            default:
                if (at < text.size())
                    text[at] = static_cast<char>(random());
            }
        }
        return text;
    }

    // --- What is there --------------------------------------------------------------------------

    class LmtpMutations : public ::testing::Test {
    protected:
        LmtpMutations()
        {
            services.settings.lmtp.deliverers = { "carol" };
            services.settings.deliver_to_detail = true;
            services.settings.new_account_mailboxes
                = { { "Archive" }, { "Drafts" }, { "Junk" }, { "Sent" }, { "Trash" }, { "lists" } };
            for (auto const* name : { "alice", "bob", "carol" })
                services.account(name);
            take_new();
        }

        /// What came into each mailbox since the last call; without the trace fields.
        Mailboxes take_new()
        {
            Mailboxes found;
            for (auto const& account : services.store().accounts()) {
                auto const txn = services.store().volume_of(account).read();
                for (auto const& mailbox : storage::list_mailboxes(txn, account.id)) {
                    auto& next = seen_[{ account.name, mailbox.name }];
                    storage::UidRange const range { next.value == 0 ? storage::Uid { 1 } : next,
                        storage::Uid { 0xffffffff } };
                    if (next != mailbox.uid_next)
                        storage::scan_messages(txn, account.id, mailbox.id, range,
                            storage::Columns::all, [&](storage::HotRecord const& hot) {
                                auto const message = test::stored_octets(txn, hot);
                                found[{ account.name, mailbox.name }].emplace_back(
                                    sent_of(message));
                                return true;
                            });
                    next = mailbox.uid_next;
                }
            }
            return found;
        }

        static std::size_t count_of(std::string_view text, std::string_view wanted)
        {
            std::size_t count = 0;
            for (auto at = text.find(wanted); at != text.npos; at = text.find(wanted, at + 1))
                ++count;
            return count;
        }
        static std::size_t count_of(Mailboxes const& mailboxes)
        {
            std::size_t count = 0;
            for (auto const& [name, messages] : mailboxes)
                count += messages.size();
            return count;
        }

        void run(std::size_t seed)
        {
            Random random(seed);
            auto const input = damage(random);
            std::string output;
            {
                Client client(services, random() % 2 == 0);
                if (random() % 4 == 0)
                    client.distrust();
                if (random() % 3 == 0)
                    client.stream.offer_tls();
                constexpr std::size_t cuts[] { 1, 7, 64, 1000, 100'000 };
                client.stream.largest_read = cuts[random() % 5];
                client.start();
                client.stream.push(input);
                client.settle();
                output = client.stream.take_output();
            }
            auto const found = take_new();
            services.journal.lines.clear();
            Reader reader(input, output);
            auto const context = [&] {
                return "seed " + std::to_string(seed) + "\n" + ::testing::PrintToString(input)
                    + "\n" + ::testing::PrintToString(output);
            };
            ASSERT_TRUE(reader.run()) << reader.why() << "\n" << context();
            if (reader.has_seen_all()) {
                ASSERT_EQ(reader.delivered(), found) << context();
            }
            ASSERT_EQ(count_of(output, " Delivered\r\n"), count_of(found)) << context();
            delivered_ += found.size();
        }

        test::TestServices services;
        std::map<std::pair<std::string, std::string>, storage::Uid> seen_;
        std::size_t delivered_ = 0;
    };

    TEST_F(LmtpMutations, LoseNothingAndInventNothing)
    {
        if (auto const* only = std::getenv("MAILROOM_MUTATION_SEED")) {
            run(std::strtoull(only, nullptr, 10));
            return;
        }
        auto const count = number_from_environment("MAILROOM_MUTATIONS", 3'000);
        std::size_t before = 0;
        for (std::size_t seed = 0; seed < count && !HasFatalFailure(); ++seed) {
            if (seed == count / 4)
                before = allocated_octets();
            run(seed);
        }
        auto const after = allocated_octets();
        EXPECT_GT(delivered_, count / 4) << "they are damaged too much to test anything";
        EXPECT_LT(after, before + (std::size_t { 4 } << 20)) << "sessions leave memory behind";
    }

} // namespace
} // namespace mail::lmtp

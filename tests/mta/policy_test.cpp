// The policy service: its requests, and what it says about recipients.
#include "protocol/mta/policy_service.h"
#include "storage/mailboxes.h"
#include "storage/messages.h"
#include "tests/mta/client.h"

#include <gtest/gtest.h>

using namespace std::string_literals;

namespace mail::mta {
namespace {

    PolicyReader::Found take(PolicyReader& reader, std::string_view lines)
    {
        auto found = PolicyReader::Found::nothing;
        while (!lines.empty() && found == PolicyReader::Found::nothing) {
            auto const line = lines.substr(0, lines.find('\n'));
            lines.remove_prefix(line.size() + 1);
            found = reader.take(line);
        }
        return found;
    }

    TEST(PolicyRequest, KeepsWhatMatters)
    {
        PolicyReader reader;
        EXPECT_EQ(take(reader,
                      "request=smtpd_access_policy\nprotocol_state=RCPT\nsender=\n"
                      "recipient=a=b@example.org\nsize=34567\nnew_one=x\n\n"),
            PolicyReader::Found::request);
        EXPECT_EQ(reader.request().recipient, "a=b@example.org");
        EXPECT_EQ(reader.request().size, 34567U);
        EXPECT_EQ(take(reader, "request=smtpd_access_policy\n\n"), PolicyReader::Found::request);
        EXPECT_EQ(reader.request().recipient, "") << "the next request begins anew";
        EXPECT_EQ(reader.request().size, 0U);
    }

    TEST(PolicyRequest, ReadsSizes)
    {
        auto const size = [](std::string const& text) {
            PolicyReader reader;
            take(reader, "request=smtpd_access_policy\nsize=" + text + "\n\n");
            return reader.request().size;
        };
        EXPECT_EQ(size(""), 0U);
        EXPECT_EQ(size("0"), 0U);
        EXPECT_EQ(size("many"), 0U);
        EXPECT_EQ(size("12 "), 0U);
        EXPECT_EQ(size("-5"), 0U);
        EXPECT_EQ(size("18446744073709551615"), UINT64_MAX);
        EXPECT_EQ(size("99999999999999999999999"), UINT64_MAX);
    }

    TEST(PolicyRequest, BreaksOff)
    {
        for (auto const& wrong : { "\n"s, "recipient=a@b\n\n"s, "request=junk_mail_policy\n\n"s,
                 "request\n"s, "EHLO there\n"s, "a=b\0c\n"s }) {
            PolicyReader reader;
            EXPECT_EQ(take(reader, wrong), PolicyReader::Found::broken) << wrong;
        }
        PolicyReader reader;
        std::string const line = "a=" + std::string(1000, 'x');
        for (int i = 0; i < 65; ++i)
            ASSERT_EQ(reader.take(line), PolicyReader::Found::nothing) << i;
        EXPECT_EQ(reader.take(line), PolicyReader::Found::broken) << "64 KiB are enough";
    }

    struct Policy : ::testing::Test {
        Policy()
        {
            services.authenticator.domains = { "example.org" };
            services.authenticator.aliases = { { "info@example.org", "alice" } };
        }
        std::string ask(std::string const& recipient, std::string const& more = "size=0\n")
        {
            if (!mta)
                mta.emplace(services, services.services);
            return mta->say("request=smtpd_access_policy\nprotocol_state=RCPT\nrecipient="
                + recipient + "\n" + more + "\n");
        }
        void may_use(std::uint64_t octets)
        {
            services.authenticator.users["alice"].quota.octets = octets;
        }
        test::TestServices services;
        std::optional<Client<PolicyService>> mta;
    };

    TEST_F(Policy, HasNothingAgainstRecipientsWithRoom)
    {
        may_use(1000);
        for (auto const* recipient : { "alice@example.org", "ALICE@example.org", "info@example.org",
                 "alice+lists@example.org", "bob@example.org", "\"alice\"@example.org" })
            EXPECT_EQ(ask(recipient, "size=999\n"), "action=DUNNO\n\n") << recipient;
        EXPECT_EQ(mta->service.requests(), 6U);
        EXPECT_EQ(mta->service.refused(), 0U);
    }

    TEST_F(Policy, LeavesUnknownRecipientsToTheMapsUnlessToldOtherwise)
    {
        EXPECT_EQ(ask("nobody@example.org"), "action=DUNNO\n\n");
        services.settings.mta.rejects_unknown = true;
        EXPECT_EQ(ask("nobody@example.org"),
            "action=550 5.1.1 <nobody@example.org>: No such user here, check the address\n\n");
        EXPECT_EQ(ask("nobody@elsewhere.net"), "action=DUNNO\n\n") << "a domain of others";
        services.settings.mta.domains = { "elsewhere.net" };
        EXPECT_TRUE(ask("nobody@Elsewhere.NET").starts_with("action=550 5.1.1 "));
        EXPECT_EQ(ask("alice@example.org"), "action=DUNNO\n\n");
        for (auto const* none : { "", "no address", "<alice@example.org>", "a@b@c", "@example.org",
                 "alice@example.org> SIZE=1" })
            EXPECT_EQ(ask(none), "action=DUNNO\n\n") << none;
        EXPECT_EQ(mta->service.refused(), 2U);
    }

    TEST_F(Policy, RefusesWhatDoesNotFitTheQuota)
    {
        may_use(1000);
        EXPECT_EQ(ask("alice@example.org", "size=1000\n"), "action=DUNNO\n\n");
        EXPECT_EQ(ask("alice@example.org", "size=1001\n"),
            "action=452 4.2.2 <alice@example.org>: The mailbox is full, try again later\n\n");
        services.settings.over_quota = session::OverQuota::reject;
        EXPECT_EQ(ask("info@example.org", "size=18446744073709551615\n"),
            "action=552 5.2.2 <info@example.org>: The mailbox is full\n\n");
        services.authenticator.users["bob"].quota.messages = 0;
        EXPECT_TRUE(ask("bob@example.org").starts_with("action=552 5.2.2 "));
    }

    TEST_F(Policy, CountsWhatIsInUse)
    {
        auto const account = services.account("alice");
        auto const fill = [&](std::uint64_t messages) {
            may_use(UINT64_MAX);
            services.authenticator.users["alice"].quota.messages = messages;
        };
        fill(1);
        EXPECT_EQ(ask("alice@example.org"), "action=DUNNO\n\n");
        fill(0);
        EXPECT_TRUE(ask("alice@example.org").starts_with("action=452 4.2.2 "));
        // What SETQUOTA set takes the place of what is configured.
        struct SetQuota final : storage::WriteJob {
            storage::AccountId account;
            bool is_done = false;
            storage::Result<void> run(storage::WriteTxn& txn) override
            {
                return storage::set_quota(txn, account, storage::Quota { .octets = 50 });
            }
            void done(storage::Result<void> result, std::exception_ptr) noexcept override
            {
                is_done = result.has_value();
            }
        } job;
        job.account = account.id;
        services.store().volume_of(account).submit(job);
        ASSERT_TRUE(services.run_until([&] { return job.is_done; }));
        EXPECT_EQ(ask("alice@example.org", "size=50\n"), "action=DUNNO\n\n");
        EXPECT_TRUE(ask("alice@example.org", "size=51\n").starts_with("action=452 4.2.2 "));
    }

    TEST_F(Policy, TellsTroubleAsTheConfigSays)
    {
        services.settings.mta.rejects_unknown = true;
        services.authenticator.is_down = true;
        EXPECT_EQ(ask("alice@example.org"), "action=DUNNO\n\n");
        services.settings.mta.defers_on_trouble = true;
        EXPECT_EQ(ask("alice@example.org"),
            "action=451 4.3.0 <alice@example.org>: Accounts cannot be looked up, try again "
            "later\n\n");
    }

    TEST_F(Policy, AnswersRequestsThatComeAtOnce)
    {
        std::string const one = "request=smtpd_access_policy\nrecipient=alice@example.org\n\n";
        mta.emplace(services, services.services);
        std::string all;
        for (int i = 0; i < 100; ++i)
            all += one;
        std::string answers;
        for (int i = 0; i < 100; ++i)
            answers += "action=DUNNO\n\n";
        EXPECT_EQ(mta->say(all), answers);
    }

    TEST_F(Policy, HangsUpOnWhatIsNoRequest)
    {
        mta.emplace(services, services.services);
        EXPECT_EQ(mta->say("request=smtpd_access_policy\nrecipient=bob\n\nEHLO there\n"),
            "action=DUNNO\n\n");
        EXPECT_TRUE(mta->has_hung_up());
        EXPECT_NE(mta->service.problem(), "");
        Client<PolicyService> endless(services, services.services);
        EXPECT_EQ(endless.say("a=" + std::string(20'000, 'x') + "\n"), "");
        EXPECT_TRUE(endless.has_hung_up());
    }

} // namespace
} // namespace mail::mta

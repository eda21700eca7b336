// The maps that MTAs look addresses up in.
#include "protocol/mta/socketmap.h"
#include "tests/mta/client.h"

#include <gtest/gtest.h>

namespace mail::mta {
namespace {

    struct SocketmapService : ::testing::Test {
        SocketmapService()
        {
            services.authenticator.domains = { "example.org" };
            services.authenticator.aliases = { { "info@example.org", "alice" } };
        }
        std::string look_up(std::string const& request)
        {
            if (!mta)
                mta.emplace(services, services.services);
            std::string netstring;
            append_netstring(netstring, request);
            auto said = mta->say(netstring);
            NetstringReader reader(1000);
            std::string_view rest = said;
            if (reader.feed(rest) != NetstringReader::Found::data || !rest.empty())
                return "no netstring: " + said;
            return std::string(reader.data());
        }
        test::TestServices services;
        std::optional<Client<Socketmap>> mta;
    };

    TEST_F(SocketmapService, KnowsDomains)
    {
        EXPECT_EQ(look_up("domains example.org"), "OK example.org");
        EXPECT_EQ(look_up("domains EXAMPLE.org"), "OK EXAMPLE.org");
        EXPECT_EQ(look_up("domains elsewhere.net"), "NOTFOUND ");
        EXPECT_EQ(look_up("domains "), "NOTFOUND ");
        EXPECT_EQ(look_up("domains example.org "), "NOTFOUND ");
        services.settings.mta.domains = { "elsewhere.net" };
        EXPECT_EQ(look_up("domains elsewhere.net"), "OK elsewhere.net");
    }

    TEST_F(SocketmapService, KnowsMailboxes)
    {
        EXPECT_EQ(look_up("mailboxes alice@example.org"), "OK alice");
        EXPECT_EQ(look_up("mailboxes info@example.org"), "OK alice");
        EXPECT_EQ(look_up("mailboxes alice+lists@example.org"), "OK alice");
        EXPECT_EQ(look_up("mailboxes nobody@example.org"), "NOTFOUND ");
        EXPECT_EQ(look_up("mailboxes @example.org"), "NOTFOUND ");
        EXPECT_EQ(look_up("mailboxes two words@example.org"), "NOTFOUND ");
        EXPECT_EQ(look_up("mailboxes j\xc3\xb6rg@example.org"), "NOTFOUND ");
        EXPECT_EQ(look_up("mailboxes " + std::string(400, 'a')), "NOTFOUND ");
    }

    TEST_F(SocketmapService, LeadsAliasesToTheirAccounts)
    {
        EXPECT_EQ(look_up("aliases info@example.org"), "OK alice@example.org");
        EXPECT_EQ(look_up("aliases Info@Example.org"), "OK alice@Example.org");
        EXPECT_EQ(look_up("aliases info+lists@example.org"), "OK alice+lists@example.org");
        EXPECT_EQ(look_up("aliases alice@example.org"), "NOTFOUND ") << "stands for itself";
        EXPECT_EQ(look_up("aliases Alice+lists@example.org"), "NOTFOUND ");
        EXPECT_EQ(look_up("aliases nobody@example.org"), "NOTFOUND ");
        services.settings.recipient_delimiter = "";
        EXPECT_EQ(look_up("aliases info+lists@example.org"), "NOTFOUND ");
    }

    TEST_F(SocketmapService, KnowsWhoMayWriteAnAddress)
    {
        EXPECT_EQ(look_up("senders alice@example.org"), "OK alice");
        EXPECT_EQ(look_up("senders info@example.org"), "OK alice");
        EXPECT_EQ(look_up("senders nobody@example.org"), "NOTFOUND ");
    }

    TEST_F(SocketmapService, NeverTakesTroubleForAbsence)
    {
        services.authenticator.is_down = true;
        for (auto const* map : { "mailboxes", "aliases", "senders" })
            EXPECT_EQ(look_up(std::string(map) + " alice@example.org"),
                "TEMP accounts cannot be looked up now");
        EXPECT_EQ(look_up("domains example.org"), "OK example.org");
    }

    TEST_F(SocketmapService, TellsWhatIsWrongWithARequest)
    {
        EXPECT_TRUE(look_up("passwords alice").starts_with("PERM no such map"));
        EXPECT_TRUE(look_up("").starts_with("PERM no such map"));
        EXPECT_TRUE(look_up("Mailboxes alice@example.org").starts_with("PERM no such map"));
        EXPECT_TRUE(look_up("mailboxes").starts_with("PERM the key is missing"));
    }

    TEST_F(SocketmapService, AnswersInTheOrderOfTheRequests)
    {
        mta.emplace(services, services.services);
        EXPECT_EQ(
            mta->say("27:mailboxes alice@example.org,28:mailboxes nobody@example.org,9:mailb"),
            "8:OK alice,9:NOTFOUND ,");
        EXPECT_EQ(mta->say("oxes,").substr(0, 30), "45:PERM the key is missing: a ");
        EXPECT_EQ(mta->service.lookups(), 3U);
    }

    TEST_F(SocketmapService, HangsUpOnWhatIsNoNetstring)
    {
        mta.emplace(services, services.services);
        EXPECT_EQ(mta->say("27:mailboxes alice@example.org,get mailboxes\n"), "8:OK alice,");
        EXPECT_TRUE(mta->has_hung_up());
        EXPECT_NE(mta->service.problem(), "");
        Client<Socketmap> large(services, services.services);
        EXPECT_EQ(large.say("20000:mailboxes "), "");
        EXPECT_TRUE(large.has_hung_up());
    }

} // namespace
} // namespace mail::mta

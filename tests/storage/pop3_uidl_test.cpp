// Unique ids that messages bring along: they go with the message and with nothing else.
#include "storage/pop3_uidl.h"
#include "tests/storage/fixture.h"

namespace mail::storage {
namespace {

    class Pop3Uidl : public StoreTest {
    protected:
        Result<void> set(MailboxId mailbox, std::uint32_t uid, std::string_view id)
        {
            return write([&](WriteTxn& txn) {
                return set_pop3_uidl(txn, { account_, mailbox }, Uid { uid }, id);
            });
        }
        std::string all(MailboxId mailbox)
        {
            std::string text;
            for_each_pop3_uidl(read(), { account_, mailbox }, [&](Uid uid, std::string_view id) {
                text += std::to_string(uid.value) + "=" + std::string(id) + " ";
            });
            return text;
        }
    };

    TEST_F(Pop3Uidl, IsKeptAsItIs)
    {
        for (auto const* text : { "one", "two", "three" })
            append(inbox_, text);
        EXPECT_EQ(all(inbox_), "");
        auto const before = highest_mod_seq(read(), account_);
        ASSERT_TRUE(set(inbox_, 3, "0000002A65535280"));
        ASSERT_TRUE(set(inbox_, 1, std::string(70, '~')));
        EXPECT_EQ(highest_mod_seq(read(), account_).value, before.value + 2);
        EXPECT_EQ(pop3_uidl(read(), { account_, inbox_ }, Uid { 3 }), "0000002A65535280");
        EXPECT_EQ(pop3_uidl(read(), { account_, inbox_ }, Uid { 2 }), std::nullopt);
        reopen();
        EXPECT_EQ(all(inbox_), "1=" + std::string(70, '~') + " 3=0000002A65535280 ");
        ASSERT_TRUE(set(inbox_, 1, ""));
        EXPECT_EQ(all(inbox_), "3=0000002A65535280 ");
        expect_sound();
    }

    TEST_F(Pop3Uidl, RefusesWhatIsNone)
    {
        append(inbox_, "one");
        for (auto const& wrong : { std::string("a b"), std::string("\xc3\xa4"), std::string("a\n"),
                 std::string("\x7f"), std::string(71, 'x') })
            EXPECT_EQ(set(inbox_, 1, wrong).error(), Errc::invalid_name) << wrong;
        EXPECT_EQ(set(inbox_, 2, "x").error(), Errc::not_found);
        EXPECT_EQ(set(MailboxId { 99 }, 1, "x").error(), Errc::not_found);
        EXPECT_EQ(all(inbox_), "");
    }

    TEST_F(Pop3Uidl, GoesWithItsMessage)
    {
        for (int i = 0; i < 60; ++i)
            append(inbox_, numbered("message ", static_cast<std::size_t>(i)));
        for (std::uint32_t const uid : { 1, 2, 5, 30, 59, 60 })
            ASSERT_TRUE(set(inbox_, uid, "id" + std::to_string(uid)));
        auto const lists = create("Lists");
        auto const sent = mailbox("Sent").id;
        ASSERT_TRUE(append(lists, "other") && set(lists, 1, "elsewhere"));

        auto const expunged = [&](UidSet const& gone) {
            return write([&](WriteTxn& txn) { return expunge(txn, account_, inbox_, gone); });
        };
        ASSERT_TRUE(expunged(uids({ 2, 3, 59 })));
        EXPECT_EQ(all(inbox_), "1=id1 5=id5 30=id30 60=id60 ");
        ASSERT_TRUE(expunged(UidSet(UidRange { Uid { 4 }, Uid { 50 } })));
        EXPECT_EQ(all(inbox_), "1=id1 60=id60 ");
        ASSERT_TRUE(write([&](WriteTxn& txn) {
            return copy_messages(txn, account_, inbox_, uids({ 1 }), sent);
        }));
        ASSERT_TRUE(write([&](WriteTxn& txn) {
            return move_messages(txn, account_, inbox_, uids({ 60 }), sent);
        }));
        EXPECT_EQ(all(sent), "");
        EXPECT_EQ(all(inbox_), "1=id1 ");
        EXPECT_EQ(all(lists), "1=elsewhere ");
        expect_sound();

        ASSERT_TRUE(write([&](WriteTxn& txn) { return delete_mailbox(txn, account_, "Lists"); }));
        expect_sound();
        sweep_after_window();
        EXPECT_EQ(all(lists), "");
        expect_sound();
    }

} // namespace
} // namespace mail::storage

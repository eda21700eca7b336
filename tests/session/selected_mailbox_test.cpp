// What sessions are told of a mailbox that others change: single rules first, then three sessions
// under random changes against a model of what each client must believe.
#include "protocol/session/selected_mailbox.h"
#include "tests/support/memory_stream.h"
#include "tests/support/test_services.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>
#include <map>
#include <random>

namespace mail::session {
namespace {

    using storage::FlagChange;
    using storage::Flags;

    /// One logged-in session.
    struct Client {
        Client(test::TestServices& services, std::string const& name)
            : stream(services.io)
            , session(services.services, stream, Session::Protocol::imap)
        {
            bool done = false;
            boost::asio::co_spawn(services.io, log_in(name, done), boost::asio::detached);
            EXPECT_TRUE(services.run_until([&] { return done; }));
            EXPECT_TRUE(session.is_logged_in());
        }

        awaitable<void> log_in(std::string name, bool& done)
        {
            co_await session.log_in(name, "secret", "PLAIN");
            done = true;
        }

        std::unique_ptr<SelectedMailbox> select(
            SelectedMailbox::Access access = SelectedMailbox::Access::read_write)
        {
            auto selected = SelectedMailbox::open(
                session, *session.find_mailbox("INBOX", storage::Right::read), access);
            EXPECT_TRUE(selected.has_value());
            return std::move(*selected);
        }

        test::MemoryStream stream;
        Session session;
    };

    class SelectedMailboxTest : public testing::Test {
    protected:
        SelectedMailboxTest()
            : account(services.account("alice"))
            , old_reader_(volume().read())
        {
        }

        template <class F> void write(F f)
        {
            auto const result
                = volume().write([&](storage::WriteTxn& txn) -> storage::Result<void> {
                      f(txn);
                      return {};
                  });
            ASSERT_TRUE(result.has_value());
        }

        storage::MailboxId inbox_id() const
        {
            auto const txn = volume().read();
            return storage::find_mailbox(txn, account.id, "INBOX")->id;
        }

        storage::Volume& volume() const { return services.store().volume_of(account); }

        Uid append(std::uint8_t system_flags = 0)
        {
            storage::BodyWriter body(volume());
            body.append("Subject: hello\r\n\r\nhello\r\n");
            storage::NewMessage message;
            message.body = body.finish();
            message.system_flags = system_flags;
            Uid uid;
            auto const mailbox = inbox_id();
            write([&](storage::WriteTxn& txn) {
                uid = storage::append_message(txn, account.id, mailbox, message)->uid;
            });
            return uid;
        }

        void set_flags(Uid uid, std::uint8_t flags, storage::ModSeq* stamped = nullptr)
        {
            auto const mailbox = inbox_id();
            FlagChange change;
            change.mode = FlagChange::Mode::replace;
            change.system = flags;
            write([&](storage::WriteTxn& txn) {
                auto const stored
                    = storage::store_flags(txn, account.id, mailbox, UidSet(uid), change);
                if (stamped)
                    *stamped = stored->mod_seq;
            });
        }

        void expunge(UidSet const& uids)
        {
            auto const mailbox = inbox_id();
            write([&](storage::WriteTxn& txn) {
                ASSERT_TRUE(storage::expunge(txn, account.id, mailbox, uids).has_value());
            });
        }

        test::TestServices services;
        storage::Account account;

    private:
        storage::ReadTxn
            old_reader_; // an old reader on purpose: snapshots must not disturb each other
    };

    TEST_F(SelectedMailboxTest, MissingMailboxIsRefused)
    {
        Client alice(services, "alice");
        EXPECT_EQ(alice.session.find_mailbox("Nowhere", storage::Right::read).error(),
            storage::Errc::not_found);
        Located located = *alice.session.find_mailbox("INBOX", storage::Right::read);
        located.id.value += 1000; // deleted since it was found
        auto const selected
            = SelectedMailbox::open(alice.session, located, SelectedMailbox::Access::read_only);
        ASSERT_FALSE(selected.has_value());
        EXPECT_EQ(selected.error(), storage::Errc::not_found);
    }

    TEST_F(SelectedMailboxTest, NoNewsWithoutAChange)
    {
        append();
        Client alice(services, "alice");
        auto const selected = alice.select();
        EXPECT_EQ(selected->count(), 1U);
        EXPECT_FALSE(selected->has_news());
        EXPECT_TRUE(selected->refresh(Expunges::allowed).empty());
    }

    TEST_F(SelectedMailboxTest, TellsNewMail)
    {
        Client alice(services, "alice");
        auto const selected = alice.select();
        auto const uid = append();
        ASSERT_TRUE(selected->has_news());
        auto const refresh = selected->refresh(Expunges::held_back);
        EXPECT_TRUE(refresh.exists_changed);
        EXPECT_EQ(selected->count(), 1U);
        EXPECT_TRUE(selected->is_recent(uid));
        EXPECT_FALSE(selected->has_news());
    }

    TEST_F(SelectedMailboxTest, RecentBelongsToOneSession)
    {
        append();
        Client first(services, "alice");
        Client second(services, "alice");
        auto const reader = first.select(SelectedMailbox::Access::read_only);
        EXPECT_EQ(reader->recent_count(), 1U) << "EXAMINE shows \\Recent and leaves it";
        auto const one = first.select();
        EXPECT_EQ(one->recent_count(), 1U);
        auto const other = second.select();
        EXPECT_EQ(other->recent_count(), 0U);
    }

    TEST_F(SelectedMailboxTest, RecentIsOverAfterTheSession)
    {
        append();
        Client alice(services, "alice");
        alice.select().reset();
        append();
        // The mark is written without anyone waiting for it.
        ASSERT_TRUE(services.run_until([&] {
            auto const txn = volume().read();
            return storage::find_mailbox(txn, account.id, "INBOX")->recent_from == Uid { 2 };
        }));
        auto const again = alice.select();
        EXPECT_EQ(again->recent_count(), 1U);
        EXPECT_TRUE(again->is_recent(Uid { 2 }));
    }

    TEST_F(SelectedMailboxTest, HoldsExpungesBackUntilTheyMayBeTold)
    {
        append();
        append();
        append();
        Client alice(services, "alice");
        auto const selected = alice.select();
        expunge(UidSet(UidRange { Uid { 1 }, Uid { 2 } }));
        EXPECT_TRUE(selected->refresh(Expunges::held_back).empty());
        EXPECT_EQ(selected->count(), 3U);
        EXPECT_TRUE(selected->has_news());
        auto const refresh = selected->refresh(Expunges::allowed);
        ASSERT_EQ(refresh.expunged.size(), 2U);
        EXPECT_EQ(refresh.expunged[0], SeqNum { 1 });
        EXPECT_EQ(refresh.expunged[1], SeqNum { 1 })
            << "after the first line the second message is number 1";
        EXPECT_EQ(selected->count(), 1U);
    }

    TEST_F(SelectedMailboxTest, OwnChangesAreNotToldTwice)
    {
        auto const uid = append();
        Client alice(services, "alice");
        auto const selected = alice.select();
        storage::ModSeq stamped;
        set_flags(uid, Flags::flagged, &stamped);
        selected->told_flags(stamped);
        EXPECT_TRUE(selected->refresh(Expunges::allowed).flags.empty());
        set_flags(uid, Flags::seen);
        EXPECT_EQ(selected->refresh(Expunges::allowed).flags.size(), 1U);
    }

    TEST_F(SelectedMailboxTest, TellsThatTheMailboxIsGone)
    {
        write([&](storage::WriteTxn& txn) {
            ASSERT_TRUE(storage::create_mailbox(txn, account.id, { "Work" }).has_value());
        });
        Client alice(services, "alice");
        auto selected = SelectedMailbox::open(alice.session,
            *alice.session.find_mailbox("Work", storage::Right::read),
            SelectedMailbox::Access::read_write);
        ASSERT_TRUE(selected.has_value());
        write([&](storage::WriteTxn& txn) {
            ASSERT_TRUE(storage::delete_mailbox(txn, account.id, "Work").has_value());
        });
        EXPECT_TRUE((*selected)->refresh(Expunges::allowed).gone);
    }

    TEST_F(SelectedMailboxTest, SessionsInTheSameStateShareOneMap)
    {
        append();
        append();
        Client first(services, "alice");
        Client second(services, "alice");
        auto const one = first.select();
        auto const other = second.select();
        EXPECT_EQ(&one->map(), &other->map());
        expunge(UidSet(Uid { 1 }));
        one->refresh(Expunges::allowed);
        other->refresh(Expunges::held_back);
        EXPECT_NE(&one->map(), &other->map());
        other->refresh(Expunges::allowed);
        EXPECT_EQ(&one->map(), &other->map());
    }

    /// What a client believes after all that it was told.
    struct Belief {
        std::vector<std::optional<std::uint8_t>>
            flags; ///< by sequence number; unset: a new message not fetched yet

        void hear(SelectedMailbox const& selected, Refresh const& refresh)
        {
            for (auto const seq : refresh.expunged) {
                ASSERT_GE(seq.value, 1U);
                ASSERT_LE(seq.value, flags.size());
                flags.erase(flags.begin() + (seq.value - 1));
            }
            if (refresh.exists_changed) {
                ASSERT_GT(selected.count(), flags.size()) << "EXISTS never shrinks";
                flags.resize(selected.count());
            }
            ASSERT_EQ(selected.count(), flags.size());
            for (auto const& hot : refresh.flags) {
                auto const seq = selected.map().seq_of(hot.uid);
                ASSERT_TRUE(seq.has_value());
                flags[seq->value - 1] = hot.flags.system;
            }
        }
    };

    TEST_F(SelectedMailboxTest, RandomChangesLeaveEverySessionWithTheTruth)
    {
        std::mt19937 random(11);
        std::map<std::uint32_t, std::uint8_t> truth;
        for (int i = 0; i < 5; ++i)
            truth[append().value] = 0;

        Client clients[] = { { services, "alice" }, { services, "alice" }, { services, "alice" } };
        std::vector<std::unique_ptr<SelectedMailbox>> selected;
        std::vector<Belief> beliefs(3);
        for (std::size_t i = 0; i < 3; ++i) {
            selected.push_back(clients[i].select());
            beliefs[i].flags.assign(selected[i]->count(), std::uint8_t { 0 });
        }
        auto const any_uid = [&] {
            return Uid {
                std::next(truth.begin(), static_cast<long>(random() % truth.size()))->first
            };
        };

        for (int step = 0; step < 1500; ++step) {
            auto const what = random() % 10;
            if (what < 3 || truth.empty()) {
                truth[append().value] = 0;
            } else if (what < 5) {
                UidSet uids(any_uid());
                uids.add(any_uid());
                expunge(uids);
                uids.for_each([&](Uid uid) { truth.erase(uid.value); });
            } else if (what < 8) {
                auto const uid = any_uid();
                auto const flags = static_cast<std::uint8_t>(random() % 32);
                set_flags(uid, flags);
                truth[uid.value] = flags;
            }
            auto const who = random() % 3;
            auto const expunges = random() % 3 == 0 ? Expunges::held_back : Expunges::allowed;
            ASSERT_NO_FATAL_FAILURE(
                beliefs[who].hear(*selected[who], selected[who]->refresh(expunges)))
                << step;
            if (random() % 50 == 0) {
                selected[who] = clients[who].select();
                beliefs[who].flags.clear();
                for (std::uint32_t seq = 1; seq <= selected[who]->count(); ++seq)
                    beliefs[who].flags.emplace_back(
                        truth.at(selected[who]->map().uid_of(SeqNum { seq })->value));
            }
        }
        for (std::size_t i = 0; i < 3; ++i) {
            ASSERT_NO_FATAL_FAILURE(
                beliefs[i].hear(*selected[i], selected[i]->refresh(Expunges::allowed)));
            ASSERT_EQ(selected[i]->count(), truth.size());
            std::uint32_t seq = 0;
            for (auto const& [uid, flags] : truth) {
                ++seq;
                EXPECT_EQ(selected[i]->map().seq_of(Uid { uid }), SeqNum { seq });
                if (beliefs[i].flags[seq - 1]) {
                    EXPECT_EQ(*beliefs[i].flags[seq - 1], flags);
                }
            }
            EXPECT_FALSE(selected[i]->has_news());
        }
    }

} // namespace
} // namespace mail::session

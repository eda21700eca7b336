// SEARCH, SORT and THREAD over two thousand varied messages against an oracle that reads the raw
// messages itself (tests/imap/oracle/) and shares no code with the server.
#include "protocol/mime/digest.h"
#include "protocol/session/thread_links.h"
#include "storage/mailboxes.h"
#include "tests/imap/oracle/mail_generator.h"
#include "tests/imap/oracle/threads.h"
#include "tests/support/transcript.h"

#include <algorithm>
#include <chrono>
#include <map>

namespace mail::test {
namespace {

    using namespace oracle;

    constexpr std::int64_t first_day = 17'600; ///< of INTERNALDATEs, in 2018
    constexpr unsigned days = 700;

    /// A message and what the oracle knows of it.
    struct Sample {
        std::string octets;
        std::uint8_t flags = 0;
        unsigned keywords = 0; ///< bit n: keyword "kn"
        storage::InternalDate arrived;
        std::int64_t day = 0; ///< of arrival, as its zone has it
        bool is_recent = false;
        std::uint32_t seq = 0, uid = 0;

        // As the server tells them
        std::uint64_t mod_seq = 0;
        std::string email_id, thread_id;
        std::int64_t saved_day = 0;

        // Read from the octets
        Fields fields;
        std::map<std::string, std::string> text_of; ///< folded, by field name
        std::string body, text; ///< folded
        std::optional<Date> sent;
        BaseSubject subject;
        std::map<std::string, std::string> sort_texts; ///< folded, by criterion

        std::int64_t sent_seconds() const { return sent ? sent->seconds : arrived.seconds; }
        void read();
    };

    void Sample::read()
    {
        std::string rest;
        fields = read_fields(octets, rest);
        for (auto const& [name, value] : fields) {
            auto& all = text_of[name];
            all += (all.empty() ? "" : "\n") + folded(decoded(value));
        }
        Texts texts;
        read_part(fields, rest, texts);
        body = folded(texts.body);
        text = folded(as_text(fields) + texts.part_headers) + body;
        sent = read_date(first_of(fields, "date"));
        subject = base_subject(first_of(fields, "subject"));
        sort_texts["SUBJECT"] = folded(subject.text);
        for (auto const& [criterion, field] :
            { std::pair { "FROM", "from" }, { "TO", "to" }, { "CC", "cc" } })
            sort_texts[criterion] = folded(mailbox_key(oracle::all_of(fields, field)));
        sort_texts["DISPLAYFROM"] = folded(display_key(oracle::all_of(fields, "from")));
        sort_texts["DISPLAYTO"] = folded(display_key(oracle::all_of(fields, "to")));
    }

    std::string date_text(std::int64_t day)
    {
        std::chrono::year_month_day const date { std::chrono::sys_days {
            std::chrono::days { day } } };
        static char const* const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul",
            "Aug", "Sep", "Oct", "Nov", "Dec" };
        return std::to_string(static_cast<unsigned>(date.day())) + "-"
            + months[static_cast<unsigned>(date.month()) - 1] + "-"
            + std::to_string(static_cast<int>(date.year()));
    }

    struct Query {
        std::string text;
        std::function<bool(Sample const&)> matches;
    };

    /// Random programs. Each key is a row, so that each comes often.
    class Queries {
    public:
        Queries(MailGenerator& random, std::vector<Sample> const& samples)
            : random_(random)
            , samples_(samples)
        {
            add_flags();
            add_dates();
            add_numbers();
            add_identifiers();
            add_texts();
        }

        Query program(int depth)
        {
            auto program = this->query(depth);
            for (auto n = random_.below(3); n > 1; --n) {
                auto const next = query(depth);
                program = { program.text + " " + next.text,
                    [a = program.matches, b = next.matches](
                        Sample const& m) { return a(m) && b(m); } };
            }
            return program;
        }

        std::map<std::string, int> const& used() const { return used_; }
        std::size_t key_count() const { return keys_.size(); }

    private:
        using Make = std::function<Query()>;

        Query query(int depth)
        {
            if (depth > 0)
                switch (random_.below(5)) {
                case 0: {
                    auto a = query(depth - 1);
                    return { "NOT " + a.text, [a = a.matches](Sample const& m) { return !a(m); } };
                }
                case 1: {
                    auto a = query(depth - 1);
                    auto b = query(depth - 1);
                    return { "OR " + a.text + " " + b.text,
                        [a = a.matches, b = b.matches](Sample const& m) { return a(m) || b(m); } };
                }
                case 2:
                case 3: {
                    auto a = query(depth - 1);
                    auto b = query(depth - 1);
                    return { "(" + a.text + " " + b.text + ")",
                        [a = a.matches, b = b.matches](Sample const& m) { return a(m) && b(m); } };
                }
                default:
                    break;
                }
            auto const& [name, make] = keys_[random_.below(static_cast<unsigned>(keys_.size()))];
            ++used_[name];
            return make();
        }

        void add(std::string const& name, Make make) { keys_.emplace_back(name, std::move(make)); }
        void add(std::string const& name, std::function<bool(Sample const&)> const& matches)
        {
            add(name, [=] { return Query { name, matches }; });
        }

        void add_flags()
        {
            add("ALL", [](Sample const&) { return true; });
            auto bit = 1U;
            for (auto const* name : { "SEEN", "ANSWERED", "FLAGGED", "DELETED", "DRAFT" }) {
                add(name, [bit](Sample const& m) { return (m.flags & bit) != 0; });
                add("UN" + std::string(name),
                    [bit](Sample const& m) { return (m.flags & bit) == 0; });
                bit *= 2;
            }
            for (bool const un : { false, true }) {
                auto const name = std::string(un ? "UNKEYWORD" : "KEYWORD");
                add(name, [this, name, un] {
                    auto const k = random_.below(3); // k2 is at no message
                    return Query { name + (random_.once_in(2) ? " k" : " K") + std::to_string(k),
                        [=](Sample const& m) { return ((m.keywords >> k & 1) != 0) != un; } };
                });
            }
            add("RECENT", [](Sample const& m) { return m.is_recent; });
            add("OLD", [](Sample const& m) { return !m.is_recent; });
            add("NEW", [](Sample const& m) { return m.is_recent && (m.flags & 1) == 0; });
        }

        void add_day(std::string const& name, bool by_date_field, int order)
        {
            add(name, [=, this] {
                auto const day = first_day + random_.below(days);
                auto const text = random_.once_in(2) ? date_text(day) : '"' + date_text(day) + '"';
                return Query { name + " " + text, [=](Sample const& m) {
                                  if (by_date_field && !m.sent)
                                      return false;
                                  auto const is = by_date_field ? m.sent->day : m.day;
                                  return order < 0 ? is < day : order == 0 ? is == day : is >= day;
                              } };
            });
        }

        void add_dates()
        {
            add_day("BEFORE", false, -1);
            add_day("ON", false, 0);
            add_day("SINCE", false, 1);
            add_day("SENTBEFORE", true, -1);
            add_day("SENTON", true, 0);
            add_day("SENTSINCE", true, 1);
            for (bool const older : { false, true }) {
                auto const name = std::string(older ? "OLDER" : "YOUNGER");
                add(name, [=, this] {
                    auto const now = std::chrono::duration_cast<std::chrono::seconds>(
                        std::chrono::system_clock::now().time_since_epoch())
                                         .count();
                    // Far enough from every message that the time of the test does not matter.
                    auto bound = (first_day + random_.below(days)) * 86400;
                    auto const is_near = [&](Sample const& m) {
                        return std::abs(m.arrived.seconds - bound) < 120;
                    };
                    while (std::ranges::any_of(samples_, is_near))
                        bound += 240;
                    return Query { name + " " + std::to_string(now - bound),
                        [=](Sample const& m) { return (m.arrived.seconds < bound) == older; } };
                });
            }
        }

        void add_numbers()
        {
            for (bool const larger : { false, true }) {
                auto const name = std::string(larger ? "LARGER" : "SMALLER");
                add(name, [=, this] { // also exactly the size of a message
                    auto const size = random_.one_of(samples_).octets.size();
                    return Query { name + " " + std::to_string(size), [=](Sample const& m) {
                                      return larger ? m.octets.size() > size
                                                    : m.octets.size() < size;
                                  } };
                });
            }
            add("MODSEQ", [this] {
                auto const from = random_.one_of(samples_).mod_seq;
                return Query { (random_.once_in(2) ? "MODSEQ " : "MODSEQ \"/flags/\\\\seen\" all ")
                        + std::to_string(from),
                    [=](Sample const& m) { return m.mod_seq >= from; } };
            });
            auto const last_uid = samples_.back().uid;
            auto const count = static_cast<std::uint32_t>(samples_.size());
            add("set", [=, this] {
                auto const a = 1 + random_.below(count);
                auto const b = 1 + random_.below(count + 200); // maybe beyond the end
                auto const lone = 1 + random_.below(count);
                return Query { std::to_string(a) + ":" + std::to_string(b) + ","
                        + std::to_string(lone),
                    [=](Sample const& m) {
                        return (m.seq >= std::min(a, b) && m.seq <= std::max(a, b))
                            || m.seq == lone;
                    } };
            });
            add("UID", [=, this] {
                auto const a = 1 + random_.below(last_uid + 100); // maybe beyond the end
                return Query { "UID " + std::to_string(a) + ":*",
                    [=](Sample const& m) { return m.uid >= a || m.uid == last_uid; } };
            });
        }

        void add_identifiers()
        {
            for (auto const member : { &Sample::email_id, &Sample::thread_id }) {
                auto const name = std::string(member == &Sample::email_id ? "EMAILID" : "THREADID");
                add(name, [=, this] {
                    auto const id
                        = random_.once_in(10) ? "Nowhere1" : random_.one_of(samples_).*member;
                    return Query { name + " " + id,
                        [=](Sample const& m) { return m.*member == id; } };
                });
            }
            add("SAVEDATESUPPORTED", [](Sample const&) { return true; });
            for (int const order : { -1, 0, 1 }) {
                auto const name = std::string(order < 0 ? "SAVEDBEFORE"
                        : order == 0                    ? "SAVEDON"
                                                        : "SAVEDSINCE");
                add(name, [=, this] {
                    auto const day = samples_[0].saved_day - 1 + random_.below(3);
                    return Query { name + " " + date_text(day), [=](Sample const& m) {
                                      return order < 0 ? m.saved_day < day
                                          : order == 0 ? m.saved_day == day
                                                       : m.saved_day >= day;
                                  } };
                });
            }
        }

        /// A word, or some of its letters, in any case.
        std::string pattern(std::string& as_folded)
        {
            auto text = random_.one_of(words()).in_utf8;
            bool const is_ascii = std::ranges::all_of(
                text, [](char c) { return static_cast<unsigned char>(c) < 128; });
            if (is_ascii && random_.once_in(2))
                text = text.substr(random_.below(2), 3);
            else if (random_.once_in(10) && is_ascii)
                text += "x"; // nowhere
            as_folded = folded(text);
            return '"' + (random_.once_in(2) ? text : is_ascii ? lower(text) : as_folded) + '"';
        }

        void add_texts()
        {
            for (auto const* name : { "FROM", "TO", "CC", "BCC", "SUBJECT" })
                add(name, [=, this] {
                    std::string wanted;
                    auto const text = pattern(wanted);
                    return Query { std::string(name) + " " + text, has_in(lower(name), wanted) };
                });
            for (int i = 0; i < 3; ++i)
                add("HEADER", [this] {
                    std::string wanted;
                    auto text = pattern(wanted);
                    if (random_.once_in(4))
                        wanted = (text = "\"\"").substr(2);
                    auto const field
                        = random_.one_of<std::string>({ "X-Tag", "x-tag", "Subject", "from",
                            "Received", "X-Empty", "Message-ID", "References", "Date", "X-No" });
                    return Query { "HEADER " + field + " " + text, has_in(lower(field), wanted) };
                });
            add("BODY", [this] {
                std::string wanted;
                auto const text = pattern(wanted);
                return Query { "BODY " + text,
                    [=](Sample const& m) { return m.body.find(wanted) != std::string::npos; } };
            });
            add("TEXT", [this] {
                std::string wanted;
                auto const text = pattern(wanted);
                return Query { "TEXT " + text,
                    [=](Sample const& m) { return m.text.find(wanted) != std::string::npos; } };
            });
        }

        static std::function<bool(Sample const&)> has_in(
            std::string const& field, std::string const& wanted)
        {
            return [=](Sample const& m) {
                auto const found = m.text_of.find(field);
                return found != m.text_of.end() && found->second.find(wanted) != std::string::npos;
            };
        }

        MailGenerator& random_;
        std::vector<Sample> const& samples_;
        std::vector<std::pair<std::string, Make>> keys_;
        std::map<std::string, int> used_;
    };

    storage::NewMessage digested(storage::Volume& volume, Sample const& sample)
    {
        mime::Digest digest;
        digest.feed(sample.octets);
        auto made = digest.finish();
        storage::BodyWriter writer(volume);
        writer.append(sample.octets);
        storage::NewMessage message;
        message.body = writer.finish();
        message.system_flags = sample.flags;
        for (int k = 0; k < 2; ++k)
            if ((sample.keywords >> k & 1) != 0)
                message.keywords.push_back("k" + std::to_string(k));
        message.internal_date = sample.arrived;
        message.envelope = std::move(made.envelope);
        message.structure = std::move(made.structure);
        message.search_fields = std::move(made.search_fields);
        message.keys = std::move(made.sort_keys);
        if (auto const& sent = made.header.sent)
            message.sent = { sent->seconds, sent->zone_minutes };
        message.thread_links = session::thread_links(made.header);
        return message;
    }

    void store(TestServices& services, std::span<Sample const> samples)
    {
        auto const account = services.account("alice");
        auto& volume = services.store().volume_of(account);
        std::vector<storage::NewMessage> messages;
        for (auto const& sample : samples)
            messages.push_back(digested(volume, sample));
        ASSERT_TRUE(volume.write([&](storage::WriteTxn& txn) -> storage::Result<void> {
            auto const inbox = storage::find_mailbox(txn, account.id, "INBOX");
            storage::UidSet removed;
            for (auto const& message : messages) {
                auto const appended = storage::append_message(txn, account.id, inbox->id, message);
                if (!appended)
                    return appended.error();
                if (appended->uid.value % 7 == 0) // so that numbers and UIDs differ
                    removed.add(appended->uid);
            }
            auto const expunged = storage::expunge(txn, account.id, inbox->id, removed);
            if (!expunged)
                return expunged.error();
            return {};
        }));
    }

    /// Empty when they are equal; otherwise where they part.
    std::string difference(std::string const& expected, std::string const& got)
    {
        if (expected == got)
            return {};
        auto const at = std::ranges::mismatch(expected, got).in1 - expected.begin();
        auto const from = static_cast<std::size_t>(std::max<std::ptrdiff_t>(at - 30, 0));
        return "\nexpected: ..." + expected.substr(from, 60) + "\ngot:      ..."
            + got.substr(from, 60);
    }

    class ImapOracle : public testing::Test {
    protected:
        static constexpr unsigned all = 2400; ///< a seventh of which is expunged
        static constexpr unsigned old = 1000; ///< which another session was told of as \Recent

        ImapOracle()
            : random(20260101)
            , imap(mailbox("INBOX"))
        {
            std::vector<Sample> made;
            for (unsigned i = 0; i < all; ++i)
                made.push_back(sample(i + 1));
            store(imap.services(), std::span(made).first(old));
            {
                auto first = imap.another();
                first.login().select("INBOX");
                first.send("a UNSELECT\r\n").expect("a OK *");
            }
            store(imap.services(), std::span(made).subspan(old));
            imap.login().select("INBOX");
            for (auto& each : made)
                if (each.uid % 7 != 0) {
                    each.seq = static_cast<std::uint32_t>(samples.size() + 1);
                    samples.push_back(std::move(each));
                }
            copy_some();
            mark_all();
        }

        void copy_some()
        {
            imap.send("c COPY 31:90 INBOX\r\n");
            while (imap.read_line().starts_with("* ")) { }
            for (std::uint32_t n = 0; n < 60; ++n) {
                auto copy = samples[30 + n];
                copy.seq = samples.back().seq + 1;
                copy.uid = all + 1 + n;
                copy.is_recent = true;
                samples.push_back(std::move(copy));
            }
        }

        Sample sample(unsigned uid)
        {
            Sample s;
            s.octets = random.message();
            s.uid = uid;
            s.flags = static_cast<std::uint8_t>(random.below(32) & random.below(32));
            s.keywords = random.below(4);
            s.is_recent = uid > old;
            auto const zone = static_cast<int>(random.below(27)) * 60 - 720;
            s.day = first_day + random.below(days);
            s.arrived = { s.day * 86400 + random.below(86400) - zone * 60,
                static_cast<std::int16_t>(zone) };
            s.read();
            return s;
        }

        /// Changes flags here and there, so that MODSEQs differ, and reads them.
        void mark_all()
        {
            for (int i = 0; i < 20; ++i) {
                auto const from = random.below(static_cast<unsigned>(samples.size() - 60));
                std::string const set = std::to_string(samples[from].seq) + ":"
                    + std::to_string(samples[from + 50].seq);
                imap.send("m STORE " + set + " +FLAGS.SILENT (\\Answered)\r\n").expect("m OK *");
                for (auto n = from; n <= from + 50; ++n)
                    samples[n].flags |= 2;
            }
            imap.send("m FETCH 1:* (MODSEQ EMAILID THREADID SAVEDATE)\r\n");
            std::string line;
            for (auto next = samples.begin(); !(line = imap.read_line()).starts_with("m ");) {
                if (line.find(" FETCH (") == line.npos || next == samples.end())
                    continue;
                auto const behind = [&](std::string const& name, char end) {
                    auto const begin = line.find(name) + name.size();
                    return line.substr(begin, line.find(end, begin) - begin);
                };
                next->mod_seq = std::stoull(behind("MODSEQ (", ')'));
                next->email_id = behind("EMAILID (", ')');
                next->thread_id = behind("THREADID (", ')');
                auto saved = behind("SAVEDATE \"", '"');
                std::ranges::replace(saved, '-', ' ');
                next->saved_day = read_date(saved)->day;
                ++next;
            }
        }

        std::string answer(std::string const& command, std::string const& name)
        {
            imap.send("s " + command + "\r\n");
            auto line = imap.read_line();
            if (!line.starts_with("s ")) {
                auto const end = imap.read_line();
                EXPECT_TRUE(end.starts_with("s OK")) << end << command;
            }
            if (auto const mod_seq = line.find(" (MODSEQ"); mod_seq != line.npos)
                line.resize(mod_seq);
            EXPECT_TRUE(line.starts_with("* " + name)) << line << command;
            return line.substr(std::min(line.size(), name.size() + 2));
        }

        std::vector<Sample const*> matches(Query const& query) const
        {
            std::vector<Sample const*> found;
            for (auto const& sample : samples)
                if (query.matches(sample))
                    found.push_back(&sample);
            return found;
        }

        std::string numbers(std::vector<Sample const*> const& found, bool by_uid) const
        {
            std::string text;
            for (auto const* const sample : found)
                text += " " + std::to_string(by_uid ? sample->uid : sample->seq);
            return text;
        }

        MailGenerator random;
        Transcript imap;
        std::vector<Sample> samples;
    };

    TEST_F(ImapOracle, SearchFindsWhatItShould)
    {
        ASSERT_GT(samples.size(), 2000U);
        Queries queries(random, samples);
        std::size_t found = 0;
        constexpr int programs = 500;
        for (int i = 0; i < programs; ++i) {
            auto const query = queries.program(i % 5);
            bool const by_uid = random.once_in(2);
            auto const expected = matches(query);
            found += expected.size();
            auto const command = std::string(by_uid ? "UID SEARCH " : "SEARCH ")
                + (random.once_in(2) ? "CHARSET UTF-8 " : "") + query.text;
            ASSERT_EQ("", difference(numbers(expected, by_uid), answer(command, "SEARCH")))
                << command;
        }
        EXPECT_EQ(queries.used().size() + 2, queries.key_count()) << "HEADER is there three times";
        for (auto const& [name, times] : queries.used())
            EXPECT_GT(times, 10) << name;
        // The programs are neither all true nor all false.
        EXPECT_GT(found, programs * samples.size() / 10);
        EXPECT_LT(found, programs * samples.size() * 9 / 10);
    }

    /// -1, 0 or 1.
    int compare(std::string const& criterion, Sample const& a, Sample const& b)
    {
        auto const order = [](auto const& x, auto const& y) { return x < y ? -1 : y < x ? 1 : 0; };
        if (criterion == "ARRIVAL")
            return order(a.arrived.seconds, b.arrived.seconds);
        if (criterion == "DATE")
            return order(a.sent_seconds(), b.sent_seconds());
        if (criterion == "SIZE")
            return order(a.octets.size(), b.octets.size());
        return order(a.sort_texts.at(criterion), b.sort_texts.at(criterion));
    }

    TEST_F(ImapOracle, SortPutsThemInOrder)
    {
        Queries queries(random, samples);
        std::vector<std::string> const criteria { "ARRIVAL", "CC", "DATE", "FROM", "SIZE",
            "SUBJECT", "TO", "DISPLAYFROM", "DISPLAYTO" };
        for (int i = 0; i < 180; ++i) {
            std::vector<std::pair<std::string, bool>> asked;
            std::string list;
            // Each alone, both ways, then several.
            auto const count = i < 18 ? 1 : 1 + random.below(4);
            for (unsigned n = 0; n < count; ++n) {
                auto const name
                    = i < 18 ? criteria[static_cast<std::size_t>(i) / 2] : random.one_of(criteria);
                bool const reverse = i < 18 ? i % 2 != 0 : random.once_in(2);
                asked.emplace_back(name, reverse);
                list += (list.empty() ? "" : " ") + std::string(reverse ? "REVERSE " : "") + name;
            }
            auto const query
                = i < 18 ? Query { "ALL", [](Sample const&) { return true; } } : queries.program(2);
            auto expected = matches(query);
            std::ranges::stable_sort(expected, [&](Sample const* a, Sample const* b) {
                for (auto const& [name, reverse] : asked)
                    if (auto const order = compare(name, *a, *b); order != 0)
                        return reverse ? order > 0 : order < 0;
                return false;
            });
            bool const by_uid = random.once_in(2);
            auto const command
                = std::string(by_uid ? "UID SORT (" : "SORT (") + list + ") UTF-8 " + query.text;
            ASSERT_EQ("", difference(numbers(expected, by_uid), answer(command, "SORT")))
                << command;
        }
    }

    std::vector<Threaded> threaded(std::vector<Sample const*> const& found, bool by_uid)
    {
        std::vector<Threaded> messages;
        for (auto const* const sample : found) {
            auto const ids = message_ids(first_of(sample->fields, "message-id"));
            auto references = message_ids(first_of(sample->fields, "references"));
            if (references.empty()) {
                references = message_ids(first_of(sample->fields, "in-reply-to"));
                references.resize(std::min<std::size_t>(references.size(), 1));
            }
            messages.push_back({ by_uid ? sample->uid : sample->seq, sample->sent_seconds(),
                sample->arrived.seconds, sample->sort_texts.at("SUBJECT"),
                sample->subject.is_reply_or_forward, ids.empty() ? "" : ids[0], references });
        }
        return messages;
    }

    TEST_F(ImapOracle, ThreadGathersThem)
    {
        Queries queries(random, samples);
        for (int i = 0; i < 120; ++i) {
            auto const query
                = i < 6 ? Query { "ALL", [](Sample const&) { return true; } } : queries.program(2);
            bool const by_uid = random.once_in(2);
            auto const messages = threaded(matches(query), by_uid);
            Threads threads(messages);
            auto const algorithm = i % 3;
            auto const expected = algorithm == 0 ? threads.by_subject()
                : algorithm == 1                 ? threads.by_references()
                                                 : threads.by_refs();
            auto const* const name = algorithm == 0 ? "ORDEREDSUBJECT"
                : algorithm == 1                    ? "REFERENCES"
                                                    : "REFS";
            auto const command
                = std::string(by_uid ? "UID THREAD " : "THREAD ") + name + " UTF-8 " + query.text;
            auto const got = answer(command, "THREAD");
            ASSERT_EQ("", difference((expected.empty() ? "" : " ") + expected, got)) << command;
        }
    }

} // namespace
} // namespace mail::test

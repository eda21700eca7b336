// SEARCH against an oracle that knows what went into each message and shares no code with the
// server.
#include "protocol/mime/digest.h"
#include "storage/mailboxes.h"
#include "tests/support/transcript.h"

#include <algorithm>
#include <array>
#include <random>

namespace mail::test {
namespace {

    /// A word as messages have it and as queries ask for it; none is part of another.
    struct Word {
        std::string in_utf8;
        std::string in_latin1; ///< empty: cannot be written so
        std::string asked;
    };
    std::array<Word, 8> const words { {
        { "Alpha", "Alpha", "aLPHa" },
        { "BRAVO", "BRAVO", "bravo" },
        { "Stra\xc3\x9f"
          "e",
            "Stra\xdf"
            "e",
            "STRA\xc3\x9f"
            "E" },
        { "\xce\xa9MEGA", "", "\xcf\x89mega" },
        { "GR\xc3\x9cN", "GR\xdcN", "gr\xc3\xbcn" },
        { "\xe6\x97\xa5\xe6\x9c\xac", "", "\xe6\x97\xa5\xe6\x9c\xac" },
        { "zulu7", "zulu7", "ZULU7" },
        { "\xc3\x89"
          "clair",
            "\xc9"
            "clair",
            "\xc3\xa9"
            "CLAIR" },
    } };
    using Words = unsigned; ///< bit n: word n

    std::string base64(std::string const& octets, bool lines)
    {
        static char const alphabet[]
            = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        std::string out;
        for (std::size_t i = 0; i < octets.size(); i += 3) {
            unsigned bits = 0;
            for (std::size_t k = 0; k < 3; ++k)
                bits = bits << 8
                    | (i + k < octets.size() ? static_cast<unsigned char>(octets[i + k]) : 0u);
            for (std::size_t k = 0; k < 4; ++k)
                out += i + k > octets.size() ? '=' : alphabet[bits >> (18 - 6 * k) & 63];
            if (lines && i / 3 % 19 == 18)
                out += "\r\n";
        }
        return out;
    }

    std::string quoted(std::string const& octets)
    {
        std::string out;
        std::size_t column = 0;
        for (auto const c : octets) {
            char escape[4];
            std::snprintf(escape, sizeof escape, "=%02X",
                static_cast<unsigned>(static_cast<unsigned char>(c)));
            std::string const next = c == '\n' || c == '\r' || (c > ' ' && c != '=' && c < 127)
                ? std::string(1, c)
                : escape;
            if (c != '\n' && c != '\r' && column + next.size() > 20) {
                out += "=\r\n";
                column = 0;
            }
            out += next;
            column = c == '\n' ? 0 : column + next.size();
        }
        return out;
    }

    struct Sample {
        std::string octets;
        Words from = 0, to = 0, subject = 0, tag = 0, body = 0, part_headers = 0;
        bool has_tag = false;
        std::uint8_t flags = 0;
        unsigned keywords = 0; ///< bit n: keyword "kn"
        std::int64_t day = 0; ///< of INTERNALDATE
        storage::InternalDate date;
        std::optional<std::int64_t> sent_day;
        Words text() const { return from | to | subject | tag | body | part_headers; }
    };

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

    class Generator {
    public:
        explicit Generator(unsigned seed)
            : random_(seed)
        {
        }
        unsigned below(unsigned bound) { return static_cast<unsigned>(random_() % bound); }

        Words some() ///< up to two words
        {
            Words result = 0;
            for (auto n = below(3); n > 0; --n)
                result |= 1u << below(words.size());
            return result;
        }

        Sample sample()
        {
            Sample s;
            s.from = some();
            s.to = some();
            s.subject = some();
            s.has_tag = below(2) == 0;
            s.tag = s.has_tag ? some() : 0;
            s.flags = static_cast<std::uint8_t>(below(32));
            s.keywords = below(4);
            s.day = 18'000 + below(20);
            auto const zone = static_cast<int>(below(25)) * 60 - 720;
            s.date = { s.day * 86400 + below(86400) - zone * 60, static_cast<std::int16_t>(zone) };
            std::string header = "From: " + encoded(s.from) + " <a@example.org>\r\nTo: "
                + encoded(s.to) + " <b@example.org>\r\nSubject: " + encoded(s.subject) + "\r\n";
            if (s.has_tag)
                header += "X-Tag: " + encoded(s.tag) + "\r\n";
            if (below(5) != 0) {
                s.sent_day = 18'000 + below(20);
                auto date = date_text(*s.sent_day);
                std::ranges::replace(date, '-', ' ');
                header += "Date: " + date + " 23:59:59 -0800\r\n";
            }
            s.octets = header + body(s, 2);
            return s;
        }

    private:
        std::string plain(Words set, std::string Word::*form)
        {
            std::string text = "lorem ipsum";
            for (std::size_t i = 0; i < words.size(); ++i)
                if ((set >> i & 1) != 0)
                    text += std::string(below(100), '.') + words[i].*form + "\r\n";
            return text + " dolor\r\n";
        }

        std::string encoded(Words set)
        {
            std::string text = "x";
            for (std::size_t i = 0; i < words.size(); ++i)
                if ((set >> i & 1) != 0)
                    text += (below(2) == 0 ? " " : "\r\n ")
                        + (below(2) == 0 || words[i].in_latin1.empty()
                                ? "=?utf-8?B?" + base64(words[i].in_utf8, false)
                                : "=?iso-8859-1?Q?" + quoted(words[i].in_latin1))
                        + "?=";
            return text;
        }

        /// Content fields, blank line and body.
        std::string body(Sample& s, int depth)
        {
            auto const set = some();
            auto const kind = below(depth == 0 ? 4 : 6);
            if (kind < 4)
                s.body |= set;
            switch (kind) {
            case 0:
                return "\r\n" + plain(set, &Word::in_utf8);
            case 1:
                return "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: "
                       "base64\r\n\r\n"
                    + base64(plain(set, &Word::in_utf8), true) + "\r\n";
            case 2:
                return "Content-Type: text/html; charset=\"UTF-8\"\r\nContent-Transfer-Encoding: "
                       "quoted-printable\r\n\r\n"
                    + quoted(plain(set, &Word::in_utf8));
            case 3:
                for (std::size_t i = 0; i < words.size(); ++i)
                    if (words[i].in_latin1.empty() && (set >> i & 1) != 0)
                        return "Content-Type: text/plain; charset=utf-8\r\n\r\n"
                            + plain(set, &Word::in_utf8);
                return "Content-Type: text/plain; charset=iso-8859-1\r\n\r\n"
                    + plain(set, &Word::in_latin1);
            case 4: { // parts, one of which is not text and has all the words
                auto const boundary = "b" + std::to_string(depth);
                auto const description = some();
                s.part_headers |= description;
                return "Content-Type: multipart/mixed; boundary=" + boundary + "\r\n\r\n--"
                    + boundary + "\r\n" + body(s, depth - 1) + "\r\n--" + boundary
                    + "\r\nContent-Type: application/octet-stream\r\n\r\n"
                    + plain(~0u, &Word::in_utf8) + "\r\n--" + boundary
                    + "\r\nContent-Description: " + encoded(description) + "\r\n"
                    + body(s, depth - 1) + "\r\n--" + boundary + "--\r\n";
            }
            default: // a message within
                s.body |= set; // its subject is in the body of this one
                return "Content-Type: message/rfc822\r\n\r\nSubject: " + encoded(set) + "\r\n"
                    + body(s, depth - 1);
            }
        }

        std::mt19937 random_;
    };

    struct Numbered {
        Sample const* sample;
        std::uint32_t seq, uid;
    };
    using Predicate = std::function<bool(Numbered const&)>;
    struct Query {
        std::string text;
        Predicate matches;
    };

    class QueryGenerator {
    public:
        QueryGenerator(Generator& random, std::uint32_t count, std::uint32_t last_uid)
            : random_(random)
            , count_(count)
            , last_uid_(last_uid)
        {
        }

        Query query(int depth)
        {
            if (depth > 0)
                switch (random_.below(5)) {
                case 0: {
                    auto a = query(depth - 1);
                    return { "NOT " + a.text,
                        [a = a.matches](Numbered const& m) { return !a(m); } };
                }
                case 1: {
                    auto a = query(depth - 1);
                    auto b = query(depth - 1);
                    return { "OR " + a.text + " " + b.text,
                        [a = a.matches, b = b.matches](
                            Numbered const& m) { return a(m) || b(m); } };
                }
                case 2: {
                    auto a = query(depth - 1);
                    auto b = query(depth - 1);
                    return { "(" + a.text + " " + b.text + ")",
                        [a = a.matches, b = b.matches](
                            Numbered const& m) { return a(m) && b(m); } };
                }
                default:
                    break;
                }
            return random_.below(2) == 0 ? cheap() : textual();
        }

    private:
        Query cheap()
        {
            static constexpr std::array<std::pair<char const*, std::uint8_t>, 5> flags {
                { { "SEEN", 1 }, { "ANSWERED", 2 }, { "FLAGGED", 4 }, { "DELETED", 8 },
                    { "DRAFT", 16 } }
            };
            switch (random_.below(9)) {
            case 0:
            case 1: {
                auto const [name, bit] = flags[random_.below(5)];
                bool const un = random_.below(2) == 0;
                return { (un ? "UN" : "") + std::string(name), [bit = bit, un](Numbered const& m) {
                            return ((m.sample->flags & bit) != 0) != un;
                        } };
            }
            case 2: {
                auto const k = random_.below(3); // k2 is at no message
                bool const un = random_.below(2) == 0;
                return { (un ? "UNKEYWORD K" : "KEYWORD k") + std::to_string(k),
                    [k, un](
                        Numbered const& m) { return ((m.sample->keywords >> k & 1) != 0) != un; } };
            }
            case 3: {
                auto const day = static_cast<std::int64_t>(18'000 + random_.below(20));
                switch (random_.below(3)) {
                case 0:
                    return { "BEFORE " + date_text(day),
                        [day](Numbered const& m) { return m.sample->day < day; } };
                case 1:
                    return { "ON \"" + date_text(day) + "\"",
                        [day](Numbered const& m) { return m.sample->day == day; } };
                default:
                    return { "SINCE " + date_text(day),
                        [day](Numbered const& m) { return m.sample->day >= day; } };
                }
            }
            case 4: {
                auto const day = static_cast<std::int64_t>(18'000 + random_.below(20));
                switch (random_.below(3)) {
                case 0:
                    return { "SENTBEFORE " + date_text(day), [day](Numbered const& m) {
                                return m.sample->sent_day && *m.sample->sent_day < day;
                            } };
                case 1:
                    return { "SENTON " + date_text(day),
                        [day](Numbered const& m) { return m.sample->sent_day == day; } };
                default:
                    return { "SENTSINCE " + date_text(day), [day](Numbered const& m) {
                                return m.sample->sent_day && *m.sample->sent_day >= day;
                            } };
                }
            }
            case 5: {
                auto const size = 200 + random_.below(1500);
                if (random_.below(2) == 0)
                    return { "LARGER " + std::to_string(size),
                        [size](Numbered const& m) { return m.sample->octets.size() > size; } };
                return { "SMALLER " + std::to_string(size),
                    [size](Numbered const& m) { return m.sample->octets.size() < size; } };
            }
            case 6: {
                auto const a = 1 + random_.below(count_);
                auto const b = 1 + random_.below(count_);
                auto const lone = 1 + random_.below(count_);
                return { std::to_string(a) + ":" + std::to_string(b) + "," + std::to_string(lone),
                    [=](Numbered const& m) {
                        return (m.seq >= std::min(a, b) && m.seq <= std::max(a, b))
                            || m.seq == lone;
                    } };
            }
            case 7: {
                auto const a = 1 + random_.below(last_uid_);
                auto const last = last_uid_;
                return { "UID " + std::to_string(a) + ":*",
                    [a, last](Numbered const& m) { return m.uid >= a || m.uid == last; } };
            }
            default:
                return { "ALL", [](Numbered const&) { return true; } };
            }
        }

        Query textual()
        {
            auto const word = random_.below(words.size());
            auto const asked = " \"" + words[word].asked + "\"";
            Words const bit = 1u << word;
            switch (random_.below(8)) {
            case 0:
                return { "FROM" + asked,
                    [bit](Numbered const& m) { return (m.sample->from & bit) != 0; } };
            case 1:
                return { "TO" + asked,
                    [bit](Numbered const& m) { return (m.sample->to & bit) != 0; } };
            case 2:
                return { "SUBJECT" + asked,
                    [bit](Numbered const& m) { return (m.sample->subject & bit) != 0; } };
            case 3:
                return { "HEADER x-tag" + asked,
                    [bit](Numbered const& m) { return (m.sample->tag & bit) != 0; } };
            case 4:
                return { "HEADER X-Tag \"\"", [](Numbered const& m) { return m.sample->has_tag; } };
            case 5:
                return { "CC" + asked, [](Numbered const&) { return false; } };
            case 6:
                return { "TEXT" + asked,
                    [bit](Numbered const& m) { return (m.sample->text() & bit) != 0; } };
            default:
                return { "BODY" + asked,
                    [bit](Numbered const& m) { return (m.sample->body & bit) != 0; } };
            }
        }

        Generator& random_;
        std::uint32_t count_, last_uid_;
    };

    void store_samples(TestServices& services, std::vector<Sample> const& samples)
    {
        auto const account = services.account("alice");
        auto& volume = services.store().volume_of(account);
        std::vector<storage::NewMessage> made;
        for (auto const& sample : samples) {
            mime::Digest digest;
            digest.feed(sample.octets);
            auto digested = digest.finish();
            storage::BodyWriter writer(volume);
            writer.append(sample.octets);
            storage::NewMessage message;
            message.body = writer.finish();
            message.system_flags = sample.flags;
            for (int k = 0; k < 2; ++k)
                if ((sample.keywords >> k & 1) != 0)
                    message.keywords.push_back("k" + std::to_string(k));
            message.internal_date = sample.date;
            message.envelope = std::move(digested.envelope);
            message.structure = std::move(digested.structure);
            message.search_fields = std::move(digested.search_fields);
            message.keys = std::move(digested.sort_keys);
            if (auto const& sent = digested.header.sent)
                message.sent = { sent->seconds, sent->zone_minutes };
            made.push_back(std::move(message));
        }
        auto const stored = volume.write([&](storage::WriteTxn& txn) -> storage::Result<void> {
            auto const inbox = storage::find_mailbox(txn, account.id, "INBOX");
            storage::UidSet removed;
            for (auto const& message : made) {
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
        });
        ASSERT_TRUE(stored);
    }

    TEST(ImapSearchOracle, RandomProgramsFindWhatTheyShould)
    {
        Generator random(20260101);
        std::vector<Sample> samples;
        for (int i = 0; i < 300; ++i)
            samples.push_back(random.sample());
        Transcript imap { mailbox("INBOX") };
        store_samples(imap.services(), samples);
        std::vector<Numbered> messages;
        for (std::uint32_t uid = 1; uid <= samples.size(); ++uid)
            if (uid % 7 != 0)
                messages.push_back(
                    { &samples[uid - 1], static_cast<std::uint32_t>(messages.size() + 1), uid });
        imap.login().select("INBOX");
        QueryGenerator queries(
            random, static_cast<std::uint32_t>(messages.size()), messages.back().uid);
        std::size_t found = 0;
        for (int i = 0; i < 600; ++i) {
            auto const query = queries.query(i % 5);
            bool const by_uid = random.below(2) == 0;
            std::string expected = "* SEARCH";
            for (auto const& message : messages)
                if (query.matches(message)) {
                    expected += " " + std::to_string(by_uid ? message.uid : message.seq);
                    ++found;
                }
            imap.send((by_uid ? "s UID SEARCH " : "s SEARCH ")
                + std::string(random.below(2) == 0 ? "CHARSET UTF-8 " : "") + query.text + "\r\n");
            ASSERT_EQ(expected, imap.read_line()) << query.text;
            imap.expect("s OK *");
        }
        EXPECT_GT(found, 10'000u); // the programs are neither all true nor all false
        EXPECT_LT(found, 600 * messages.size() - 10'000u);
    }

} // namespace
} // namespace mail::test

// The large mailbox that the programs of whole-mailbox commands share: "Large", with --count
// messages (100,000). Each program fills up what is missing, so that the first of them waits.
#pragma once

#include "tests/bench/client.h"
#include "tests/bench/varied_message.h"

#include <atomic>

namespace bench {

/// What SELECT tells.
struct Selected {
    int messages = 0;
    int uid_next = 0;
    std::string uid_validity;
    std::string highest_mod_seq; ///< empty without CONDSTORE
};

inline Selected select(Imap& imap, std::string const& mailbox)
{
    Selected told;
    auto const value_of = [](std::string_view line, std::string_view code) {
        auto const at = line.find(code);
        if (at == line.npos)
            return std::string();
        auto const begin = at + code.size();
        return std::string(line.substr(begin, line.find(']', begin) - begin));
    };
    imap.command("SELECT " + mailbox, [&](std::string_view line) {
        if (line.ends_with(" EXISTS"))
            told.messages = std::atoi(line.data() + 2);
        if (auto const value = value_of(line, "[UIDNEXT "); !value.empty())
            told.uid_next = std::stoi(value);
        if (auto value = value_of(line, "[UIDVALIDITY "); !value.empty())
            told.uid_validity = std::move(value);
        if (auto value = value_of(line, "[HIGHESTMODSEQ "); !value.empty())
            told.highest_mod_seq = std::move(value);
    });
    return told;
}

/// A session of account 0 that can do nothing yet but what follows a login.
inline Imap logged_in(Options const& options)
{
    Imap imap(options);
    imap.login(options.user(0), options.password());
    return imap;
}

/// "first:last" as UIDs of the messages first..last in the order of the selected mailbox.
inline std::string uid_range(Imap& imap, int first, int last)
{
    std::string range;
    for (int const number : { first, last })
        imap.command("FETCH " + std::to_string(number) + " (UID)", [&](std::string_view line) {
            if (auto const at = line.find("(UID "); at != line.npos)
                range
                    += (range.empty() ? "" : ":") + std::to_string(std::atoi(line.data() + at + 5));
        });
    return range;
}

class LargeMailbox {
public:
    static constexpr char const* name = "Large";

    static int size(Options const& options) { return options.number("count", 100000); }

    /// Makes it when it is not there, with gaps in its UIDs as every mailbox has them that was
    /// lived in; appends what is missing when it is there.
    static void fill(Options const& options)
    {
        Imap imap = logged_in(options);
        bool present = false;
        imap.command(std::string("LIST \"\" ") + name,
            [&](std::string_view line) { present |= line.find(name) != line.npos; });
        if (!present)
            imap.command(std::string("CREATE ") + name);
        int const gaps = present ? 0 : size(options) / gap_distance;
        auto const now = select(imap, name);
        int const missing = size(options) + gaps - now.messages;
        if (missing <= 0)
            return;
        append(options, now.uid_next - 1, missing); // no number is used twice
        select(imap, name);
        expunge_some(imap, gaps);
        settle(imap);
    }

private:
    static constexpr int gap_distance = 100;

    static void expunge_some(Imap& imap, int count)
    {
        for (int begin = 0; begin < count; begin += 100) { // command lines of a moderate length
            std::string set;
            for (int i = begin; i < std::min(begin + 100, count); ++i)
                set += (set.empty() ? "" : ",") + std::to_string((i + 1) * gap_distance);
            imap.command("STORE " + set + " +FLAGS.SILENT (\\Deleted)");
        }
        if (count > 0)
            imap.command("EXPUNGE");
    }

    /// Dovecot's maildir looks through its directories at every SELECT until they have not changed
    /// for a while; the first SELECT changes them.
    static void settle(Imap& imap)
    {
        for (int i = 0; i < 2; ++i) {
            select(imap, "INBOX");
            select(imap, name);
            std::this_thread::sleep_for(std::chrono::seconds(2));
        }
    }

    static bool has_multiappend(Options const& options)
    {
        std::string capabilities;
        logged_in(options).command(
            "CAPABILITY", [&](std::string_view line) { capabilities += line; });
        if (capabilities.find("LITERAL+") == capabilities.npos)
            throw std::runtime_error("the server has no LITERAL+: filling would take too long");
        return capabilities.find("MULTIAPPEND") != capabilities.npos;
    }

    /// Over --connections sessions, 50 messages at once: in one APPEND where there is MULTIAPPEND,
    /// pipelined otherwise.
    static void append(Options const& options, int begin, int count)
    {
        constexpr int batch = 50;
        int const end = begin + count;
        bool const at_once = has_multiappend(options);
        auto const octets = static_cast<std::size_t>(options.number("octets", 1500));
        std::atomic<int> next { begin };
        in_parallel(options.number("connections", 8), [&](int) {
            Imap imap = logged_in(options);
            for (int first; (first = next.fetch_add(batch)) < end;) {
                int const last = std::min(first + batch, end);
                std::string sent;
                for (int number = first; number < last; ++number) {
                    bool const begins = !at_once || number == first;
                    auto const message = VariedMessage::text(number, octets);
                    if (begins)
                        sent.append("t APPEND ").append(name);
                    sent.append(" (").append(VariedMessage::flags(number)).append(") {");
                    sent.append(std::to_string(message.size())).append("+}\r\n").append(message);
                    if (!at_once || number + 1 == last)
                        sent += "\r\n";
                }
                imap.wire.send(sent);
                for (int replies = at_once ? 1 : last - first; replies > 0; --replies)
                    imap.finish({}, "APPEND");
            }
        });
    }
};

} // namespace bench

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

    /// Makes it when it is not there, and appends messages until it holds size(): over
    /// --connections sessions, 50 at once, in one APPEND where there is MULTIAPPEND, pipelined
    /// otherwise.
    static void fill(Options const& options)
    {
        Imap imap = logged_in(options);
        bool present = false;
        imap.command(std::string("LIST \"\" ") + name,
            [&](std::string_view line) { present |= line.find(name) != line.npos; });
        if (!present)
            imap.command(std::string("CREATE ") + name);
        std::string capabilities;
        imap.command("CAPABILITY", [&](std::string_view line) { capabilities += line; });
        if (capabilities.find("LITERAL+") == capabilities.npos)
            throw std::runtime_error(
                "the server has no LITERAL+, without which filling takes long");
        auto const now = select(imap, name);
        int const begin = now.uid_next - 1; // numbers that were in use are not used again
        append(options, begin, begin + size(options) - now.messages,
            capabilities.find("MULTIAPPEND") != capabilities.npos);
    }

private:
    static void append(Options const& options, int begin, int end, bool at_once)
    {
        constexpr int batch = 50;
        auto const octets = static_cast<std::size_t>(options.number("octets", 1500));
        std::atomic<int> next { begin };
        in_parallel(begin < end ? options.number("connections", 8) : 0, [&](int) {
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

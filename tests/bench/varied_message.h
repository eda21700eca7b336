// Messages as an archive holds them: a thousand senders, conversations of every depth, dates that
// do not follow the order of arrival. Message `number` is the same whenever it is made.
#pragma once

#include <array>
#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>

namespace bench {

class VariedMessage {
public:
    static constexpr int senders = 1000;
    static constexpr std::string_view some_sender = "Oskar Lindqvist"; ///< of one in a thousand
    static constexpr std::string_view some_subject = "harbour ferry"; ///< in about as many

    /// `octets` is the size about which it ends.
    static std::string text(int number, std::size_t octets)
    {
        auto const sender = pick(number, Salt::sender, senders);
        std::string message = "Received: from mx.example.net (mx.example.net [192.0.2.7]) by "
                              "mail.example.org with ESMTPS id X"
            + std::to_string(number) + "\r\n\tfor <user@example.org>; " + date(number)
            + "\r\nFrom: " + address(sender)
            + "\r\nTo: " + address(pick(number, Salt::recipient, senders))
            + ", \"The Crew\" <crew@example.org>\r\nSubject: " + subject(number)
            + "\r\nDate: " + date(number) + "\r\nMessage-ID: " + id(number) + "\r\n";
        if (auto const before = parent(number); before >= 0)
            message += reply_fields(number, before);
        message += "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n";
        for (int i = 0; message.size() < octets; ++i) {
            message += words[pick(number * 1000LL + i, Salt::body, words.size())];
            message += i % 11 == 10 ? "\r\n" : " ";
        }
        return message + "\r\n";
    }

    /// Flags as APPEND takes them: one in five is unseen.
    static std::string_view flags(int number)
    {
        constexpr std::array<std::string_view, 10> some { "", "", "\\Seen", "\\Seen", "\\Seen",
            "\\Seen", "\\Seen", "\\Seen \\Answered", "\\Seen \\Answered", "\\Seen \\Flagged" };
        return some[pick(number, Salt::flags, some.size())];
    }

private:
    enum class Salt : std::uint64_t {
        sender = 1,
        recipient,
        is_reply,
        distance,
        threading,
        prefix,
        subject,
        date,
        zone,
        body,
        flags
    };

    /// A number below `below` that depends on `number` and looks random (splitmix64).
    static std::size_t pick(long long number, Salt salt, std::size_t below)
    {
        auto x = static_cast<std::uint64_t>(number) * 64 + static_cast<std::uint64_t>(salt);
        x += 0x9e3779b97f4a7c15;
        x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
        x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
        return static_cast<std::size_t>((x ^ (x >> 31)) % below);
    }

    /// The message to which this one replies, -1 for none. Six in ten reply to one of the 300
    /// before them; of each thousand the first 40 follow each other in one long conversation.
    static int parent(int number)
    {
        if (number % 1000 < 40)
            return number % 1000 == 0 ? -1 : number - 1;
        if (pick(number, Salt::is_reply, 10) >= 6)
            return -1;
        return number - 1 - static_cast<int>(pick(number, Salt::distance, 300)) % number;
    }

    /// In-Reply-To and References to all that came before. A tenth has In-Reply-To only, a
    /// twentieth nothing at all, so that just the subject tells; a few refer to a message that was
    /// never here.
    static std::string reply_fields(int number, int before)
    {
        auto const how = pick(number, Salt::threading, 100);
        if (how < 5)
            return {};
        std::string fields = "In-Reply-To: " + id(before) + "\r\n";
        if (how < 15)
            return fields;
        std::string references
            = how < 18 ? "\r\n <missing." + std::to_string(number) + "@example.net>" : "";
        for (int ancestor = before; ancestor >= 0; ancestor = parent(ancestor))
            references.insert(0, "\r\n " + id(ancestor));
        return fields + "References:" + references + "\r\n";
    }

    static std::string id(int number)
    {
        return "<" + std::to_string(number) + ".varied@host" + std::to_string(number % 31)
            + ".example.net>";
    }

    static std::string address(std::size_t person)
    {
        std::string const first(first_names[person % first_names.size()]);
        std::string const last(last_names[person / first_names.size()]);
        return "\"" + first + " " + last + "\" <" + first + "." + last + "@example"
            + std::to_string(person % 7) + ".net>";
    }

    /// The words of the conversation's first message behind one of the usual marks of a reply.
    static std::string subject(int number)
    {
        constexpr std::array<std::string_view, 8> marks {
            "Re: ", "Re: ", "Re: ", "RE: ", "re: ", "Re: Re: ", "Fwd: ", "[crew] Re: "
        };
        std::string mark;
        int root = number;
        if (parent(root) >= 0)
            mark = marks[pick(number, Salt::prefix, marks.size())];
        while (parent(root) >= 0)
            root = parent(root);
        if (pick(root, Salt::subject, 20) == 0)
            mark += "=?UTF-8?Q?Gr=C3=BC=C3=9Fe_von_der_F=C3=A4hre?= ";
        auto const length = 3 + pick(root, Salt::prefix, 5);
        for (std::size_t i = 0; i < length; ++i) {
            mark += words[pick(root * 8LL + static_cast<int>(i), Salt::subject, words.size())];
            mark += i + 1 < length ? " " : "";
        }
        return mark;
    }

    /// Five minutes after the message before it, give or take three days; in one of six zones.
    static std::string date(int number)
    {
        constexpr std::array zones { 0, 60, 120, -300, -480, 330 };
        constexpr int days = 24 * 3600;
        auto const zone = zones[pick(number, Salt::zone, zones.size())];
        std::time_t const local = 1735689600 + number * 300LL
            + static_cast<int>(pick(number, Salt::date, 6 * days)) - 3 * days + zone * 60;
        std::tm parts {};
        ::gmtime_r(&local, &parts);
        char text[64];
        std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S", &parts);
        auto const distance = zone < 0 ? -zone : zone;
        char offset[16];
        std::snprintf(offset, sizeof offset, " %c%02d%02d", zone < 0 ? '-' : '+', distance / 60,
            distance % 60);
        return std::string(text) + offset;
    }

    static constexpr std::array<std::string_view, 40> first_names { "Anna", "Bertil", "Clara",
        "David", "Elsa", "Felix", "Greta", "Hugo", "Ines", "Jonas", "Karin", "Lars", "Maja", "Nils",
        "Olga", "Oskar", "Petra", "Quentin", "Rosa", "Stefan", "Tilda", "Ulrich", "Vera", "Wilma",
        "Xaver", "Yvonne", "Zoe", "Arthur", "Beate", "Cesar", "Dora", "Emil", "Frida", "Georg",
        "Helga", "Ivan", "Judith", "Konrad", "Lena", "Moritz" };
    static constexpr std::array<std::string_view, 25> last_names { "Ahlgren", "Bauer", "Carlsen",
        "Dahl", "Ekberg", "Fischer", "Grahn", "Holm", "Isaksen", "Jansson", "Keller", "Lindqvist",
        "Maurer", "Nyberg", "Olsen", "Petersen", "Quist", "Roth", "Sandberg", "Thoma", "Ulfsson",
        "Vogel", "Wagner", "Young", "Zeller" };
    static constexpr std::array<std::string_view, 64> words { "harbour", "ferry", "meeting",
        "minutes", "invoice", "budget", "summer", "winter", "schedule", "crew", "engine", "anchor",
        "report", "draft", "contract", "holiday", "lighthouse", "storm", "tide", "weather", "cargo",
        "container", "customs", "permit", "repair", "paint", "deck", "cabin", "kitchen", "menu",
        "coffee", "supplier", "delivery", "order", "payment", "reminder", "question", "answer",
        "proposal", "review", "release", "version", "server", "backup", "network", "printer",
        "office", "window", "garden", "concert", "tickets", "train", "station", "map", "route",
        "island", "bridge", "tunnel", "museum", "library", "school", "lesson", "recipe", "letter" };
};

} // namespace bench

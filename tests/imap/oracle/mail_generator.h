// Varied mail for tests: charsets, encoded words, folded and duplicate fields, addresses of all
// forms, dates of all zones, replies with whole, broken and missing references, parts within parts.
#pragma once

#include "tests/imap/oracle/raw_message.h"

#include <array>
#include <random>

namespace mail::test::oracle {

struct Word {
    std::string in_utf8;
    char const* charset; ///< another that has it; null for none
    std::string in_charset;
};

inline std::vector<Word> const& words()
{
    static std::vector<Word> const all {
        { "Alpha", "us-ascii", "Alpha" },
        { "BRAVO", "iso-8859-1", "BRAVO" },
        { "Stra\u00dfe", "ISO-8859-1",
            "Stra\xdf"
            "e" },
        { "\u03a9MEGA", nullptr, "" },
        { "GR\u00dcN", "iso-8859-1", "GR\xdcN" },
        { "\u65e5\u672c", nullptr, "" },
        { "zulu7", "utf-8", "zulu7" },
        { "\u00c9clair", "iso-8859-1",
            "\xc9"
            "clair" },
        { "\u041f\u0440\u0438\u0432\u0435\u0442", "koi8-r", "\xf0\xd2\xc9\xd7\xc5\xd4" },
        { "\u043c\u0430\u0439", "KOI8-R", "\xcd\xc1\xca" },
        { "Quartz", "us-ascii", "Quartz" },
        { "jUMBLe", "us-ascii", "jUMBLe" },
    };
    return all;
}

class MailGenerator {
public:
    explicit MailGenerator(unsigned seed)
        : random_(seed)
    {
    }
    unsigned below(unsigned bound) { return static_cast<unsigned>(random_() % bound); }
    bool once_in(unsigned times) { return below(times) == 0; }
    template <class T> T const& one_of(std::vector<T> const& things)
    {
        return things[below(static_cast<unsigned>(things.size()))];
    }

    std::string message()
    {
        std::vector<std::string> fields;
        fields.push_back("Received: from x by y; Mon, 7 Feb 1994 21:52:25 -0800");
        for (auto const* name : { "From", "To", "Cc", "Bcc" })
            for (auto n = below(10); n < (name[0] == 'F' ? 9U : name[0] == 'T' ? 7U : 4U); n += 7)
                fields.push_back(name + (": " + addresses()));
        if (!once_in(12))
            fields.push_back("Subject:" + std::string(once_in(9) ? "" : " ") + subject());
        if (once_in(40))
            fields.push_back("SUBJECT: " + subject());
        if (!once_in(10))
            fields.push_back((once_in(5) ? "date: " : "Date: ") + date());
        add_ids(fields);
        if (once_in(3))
            fields.push_back("X-Tag: " + encoded());
        if (once_in(10))
            fields.push_back("x-TAG: " + encoded());
        if (once_in(8))
            fields.push_back("X-Empty:");
        std::shuffle(fields.begin(), fields.end(), random_);
        std::string octets;
        for (auto const& field : fields)
            octets += field + "\r\n";
        return octets + part(2);
    }

    std::string encoded() ///< up to three words
    {
        std::string text;
        for (auto n = below(4); n > 0; --n)
            text += (text.empty()        ? ""
                            : once_in(3) ? "\r\n "
                                         : " ")
                + encoded_word(one_of(words()));
        return text;
    }

private:
    static std::string base64(std::string const& octets)
    {
        static char const alphabet[]
            = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        std::string out;
        for (std::size_t i = 0; i < octets.size(); i += 3) {
            unsigned bits = 0;
            for (std::size_t k = 0; k < 3; ++k)
                bits = bits << 8
                    | (i + k < octets.size() ? static_cast<unsigned char>(octets[i + k]) : 0U);
            for (std::size_t k = 0; k < 4; ++k)
                out += i + k > octets.size() ? '=' : alphabet[bits >> (18 - 6 * k) & 63];
        }
        return out;
    }

    static std::string in_lines(std::string const& text, std::size_t width)
    {
        std::string out;
        for (std::size_t i = 0; i < text.size(); i += width)
            out += text.substr(i, width) + "\r\n";
        return out;
    }

    static std::string quoted(std::string const& octets, bool in_header)
    {
        std::string out;
        std::size_t column = 0;
        for (char const c : octets) {
            char escape[4];
            std::snprintf(escape, sizeof escape, "=%02X",
                static_cast<unsigned>(static_cast<unsigned char>(c)));
            bool const is_safe = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z') || (!in_header && (c == '\r' || c == '\n' || c == '.'));
            std::string const next = is_safe ? std::string(1, c) : escape;
            if (!in_header && c != '\r' && c != '\n' && column + next.size() > 25) {
                out += "=\r\n";
                column = 0;
            }
            out += next;
            column = c == '\n' ? 0 : column + next.size();
        }
        return out;
    }

    std::string encoded_word(Word const& word)
    {
        bool const is_ascii = std::ranges::all_of(
            word.in_utf8, [](char c) { return static_cast<unsigned char>(c) < 128; });
        if (is_ascii && !once_in(4))
            return word.in_utf8;
        if (once_in(12))
            return word.in_utf8; // raw, as RFC 6532 has it
        bool const in_other = word.charset && once_in(2);
        auto const& octets = in_other ? word.in_charset : word.in_utf8;
        return "=?"
            + std::string(in_other ? word.charset
                    : once_in(2)   ? "UTF-8"
                                   : "utf-8")
            + "?"
            + (once_in(2) ? (once_in(2) ? "B?" : "b?") + base64(octets)
                          : (once_in(2) ? "Q?" : "q?") + quoted(octets, true))
            + "?=";
    }

    std::string address()
    {
        auto const spec = std::string(1, static_cast<char>('a' + below(12)))
            + (once_in(3)        ? ".X"
                    : once_in(3) ? "z"
                                 : "")
            + "@" + one_of<std::string>({ "example.org", "b.example", "C.example" });
        switch (below(6)) {
        case 0:
            return spec;
        case 1:
            return "<" + spec + ">";
        case 2:
            return "\"Quartz, \\\"the\\\" " + std::string(1, static_cast<char>('a' + below(26)))
                + "\" <" + spec + ">";
        case 3:
            return encoded_word(one_of(words())) + " <" + spec + "> (of Quartz)";
        default: {
            auto const name = encoded();
            return name + (name.empty() ? "<" : once_in(4) ? "\r\n\t<" : " <") + spec + ">";
        }
        }
    }

    std::string addresses()
    {
        if (once_in(15))
            return "Team Alpha: " + address() + ", " + address() + ";";
        if (once_in(25))
            return "";
        auto list = address();
        for (auto n = below(5); n > 2; --n)
            list += (once_in(2) ? ", " : ",\r\n ") + address();
        return list;
    }

    std::string subject()
    {
        static std::vector<std::string> const leaders { "", "", "",
            "Re: ", "RE: ", "re : ", "Fwd: ", "FW: ", "Re[2]: ", "[list] ",
            "[list] Re: ", "Re: [list] ", "re: fwd: ", "[a][b] re: " };
        static std::vector<std::string> const trailers { "", "", "", "", " (fwd)", "(FWD) ", "  " };
        auto middle = encoded();
        if (once_in(3)) // so that subjects come again
            middle = one_of<std::string>({ "Plan", "plan", "Lunch", "[x]", "Report\t 7" });
        auto const text = one_of(leaders) + middle + one_of(trailers);
        return once_in(15) ? "[Fwd: " + text + "]" : text;
    }

    std::string date()
    {
        static std::vector<std::string> const months { "Jan", "Feb", "Mar", "apr", "May", "JUN",
            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
        static std::vector<std::string> const zones { "+0000", "-0800", "+1300", "+0530", "EST",
            "GMT", "PDT", "-0000", "UT", "-1200" };
        if (once_in(15))
            return one_of<std::string>({ "yesterday", "", "32 Foo 2019 00:00:00 +0000", "2019" });
        auto text = std::to_string(1 + below(28)) + " " + one_of(months) + " "
            + (once_in(10) ? "19" : std::to_string(2017 + below(3))) + " ";
        char time[16];
        if (once_in(6))
            std::snprintf(time, sizeof time, "%02u:%02u", below(24), below(60));
        else
            std::snprintf(time, sizeof time, "%02u:%02u:%02u", below(24), below(60), below(60));
        text += time + (" " + one_of(zones));
        return (once_in(3) ? "" : "Mon, ") + text + (once_in(6) ? " (XYZ)" : "");
    }

    std::string id(unsigned number)
    {
        auto const text = "m" + std::to_string(number);
        return once_in(10) ? "<\"" + text + "\"@h.example>" : "<" + text + "@h.example>";
    }

    /// Of messages before and after this one, near and far, that there are or are not.
    std::string some_id()
    {
        auto const far = once_in(10) ? 3000U : 12U;
        auto const number = count_ + (once_in(6) ? far : 0) - std::min(count_, below(far + 1));
        return id(number);
    }

    void add_ids(std::vector<std::string>& fields)
    {
        ++count_;
        if (once_in(20))
            fields.push_back("Message-ID: " + some_id()); // maybe another's
        else if (!once_in(15))
            fields.push_back((once_in(2) ? "Message-ID: " : "Message-Id:\r\n ") + id(count_));
        if (!once_in(3)) {
            std::string references;
            for (auto n = below(6); n > 0; --n)
                references += (references.empty() ? "" : once_in(3) ? "\r\n " : " ") + some_id();
            if (once_in(12))
                references += " broken@h.example <unclosed";
            if (once_in(2))
                fields.push_back("References: " + references);
        }
        if (once_in(3))
            fields.push_back("In-Reply-To: "
                + (once_in(5)        ? "your message of Monday "
                        : once_in(9) ? "nothing"
                                     : some_id())
                + (once_in(5) ? " " + some_id() : ""));
    }

    std::string text(std::size_t lines, bool in_charset, char const* charset)
    {
        std::string out = "lorem ipsum";
        for (; lines > 0; --lines) {
            auto const& word = one_of(words());
            bool const is_writable
                = !in_charset || (word.charset && lower(word.charset) == lower(charset));
            out += std::string(below(60), '.')
                + (is_writable ? in_charset ? word.in_charset : word.in_utf8 : "dolor") + "\r\n";
        }
        return out + " sit amet\r\n";
    }

    /// Content fields, blank line and body.
    std::string part(int depth)
    {
        auto const lines = below(5);
        switch (below(depth == 0 ? 5 : 8)) {
        case 0:
            return "\r\n" + text(lines, false, nullptr);
        case 1:
            return "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: "
                   "base64\r\n\r\n"
                + in_lines(base64(text(lines, false, nullptr)), 60);
        case 2:
            return "Content-Type: text/html;\r\n charset=\"UTF-8\"\r\n"
                   "content-transfer-encoding: Quoted-Printable\r\n\r\n"
                + quoted(text(lines, false, nullptr), false);
        case 3:
            return "Content-Type: TEXT/plain; charset=iso-8859-1\r\n\r\n"
                + text(lines, true, "iso-8859-1");
        case 4:
            return "Content-Type: text/plain; charset=KOI8-R\r\nContent-Transfer-Encoding: "
                   "quoted-printable\r\n\r\n"
                + quoted(text(lines, true, "koi8-r"), false);
        case 5:
            return "Content-Type: message/rfc822\r\n\r\nSubject: " + encoded()
                + "\r\nFrom: " + address() + "\r\n" + part(depth - 1);
        default: {
            auto const boundary = "b" + std::to_string(below(1'000'000)) + "_";
            return "Content-Type: multipart/" + one_of<std::string>({ "mixed", "alternative" })
                + "; boundary=\"" + boundary + "\"\r\n\r\nQuartz: to be passed over\r\n--"
                + boundary + "\r\n" + part(depth - 1) + "\r\n--" + boundary
                + "\r\nContent-Type: application/octet-stream\r\nContent-Disposition: "
                  "attachment; filename=\"jumble"
                + std::to_string(below(9)) + ".bin\"\r\n\r\n" + text(3, false, nullptr) + "\r\n--"
                + boundary + "\r\nContent-Description: " + encoded() + "\r\n" + part(depth - 1)
                + "\r\n--" + boundary + "--\r\nAlpha: passed over, too\r\n";
        }
        }
    }

    std::mt19937 random_;
    unsigned count_ = 0;
};

} // namespace mail::test::oracle

// A message with parts in parts, built from its pieces, so that the octets of every section are
// known without any MIME reader.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace mail::test {

/// A part under construction: its header with the blank line, its body, and the sections below it
/// by their numbers relative to it ("1", "2.MIME"); for a message also "HEADER" and "TEXT".
struct BuiltPart {
    std::string header;
    std::string body;
    std::map<std::string, std::string> sections;
    bool is_multipart = false;
};

inline BuiltPart leaf(std::string header, std::string body)
{
    return { header + "\r\n", std::move(body), {}, false };
}

inline BuiltPart multipart(std::string header, std::string const& subtype,
    std::string const& boundary, std::vector<BuiltPart> const& children)
{
    BuiltPart result;
    result.is_multipart = true;
    result.header = header + "Content-Type: multipart/" + subtype + ";\r\n boundary=\"" + boundary
        + "\"\r\n\r\n";
    result.body = "This is the preamble of " + boundary + ".\r\n";
    for (std::size_t i = 0; i < children.size(); ++i) {
        auto const& child = children[i];
        auto const number = std::to_string(i + 1);
        result.body += (i == 0 ? "--" : "\r\n--") + boundary + "\r\n" + child.header + child.body;
        result.sections[number] = child.body;
        result.sections[number + ".MIME"] = child.header;
        for (auto const& [name, octets] : child.sections)
            result.sections[number + "." + name] = octets;
    }
    result.body += "\r\n--" + boundary + "--\r\nThe epilogue.\r\n";
    return result;
}

/// The message/rfc822 part that holds a message.
inline BuiltPart embedded(BuiltPart const& message)
{
    BuiltPart result;
    result.header = "Content-Type: message/rfc822\r\nContent-Description: forwarded\r\n\r\n";
    result.body = message.header + message.body;
    result.sections = message.sections;
    if (!message.is_multipart) {
        result.sections["1"] = message.body;
        result.sections["1.MIME"] = message.header;
    }
    result.sections["HEADER"] = message.header;
    result.sections["TEXT"] = message.body;
    return result;
}

struct NestedMessage {
    std::string octets;
    std::map<std::string, std::string> sections; ///< by what stands between the brackets
};

/// The example of RFC 9051 §6.4.5.1, with a simple message as part 5 and an empty part as 6.
inline NestedMessage nested_message()
{
    auto const third = multipart("From: third@example.org\r\nSubject: third\r\n", "mixed", "third",
        { leaf("Content-Type: text/plain\r\n", "Text of 3.1\r\nwith two lines"),
            leaf("Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n",
                "AAECAw==\r\n") });
    auto const alternative = multipart("", "alternative", "alt-of-4.2.2",
        { leaf("Content-Type: text/plain; charset=utf-8\r\n",
              "Gr\xc3\xbc\xc3\x9f"
              "e"),
            leaf("Content-Type: text/richtext\r\nContent-ID: <rich@example.org>\r\n",
                "<bold>rich</bold>\r\n\r\n") });
    auto const inner = multipart(
        "From: inner@example.org\r\nSubject: inner\r\nMessage-ID: <inner@example.org>\r\n", "mixed",
        "inner", { leaf("", "Text of 4.2.1: no header at all"), alternative });
    auto const fourth = multipart("Content-Description: the fourth\r\n", "mixed", "fourth",
        { leaf("Content-Type: image/gif\r\nContent-Disposition: attachment; filename=a.gif\r\n",
              "GIF89a"),
            embedded(inner) });
    auto const fifth = leaf("From: fifth@example.org\r\nSubject: fifth\r\n", "Just text.\r\n");
    auto const whole = multipart(
        "From: Alice <alice@example.org>\r\nTo: bob@example.org\r\nSubject: nested\r\n"
        "Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\r\nMessage-ID: <nested@example.org>\r\n"
        "MIME-Version: 1.0\r\n",
        "mixed", "outer",
        { leaf("Content-Type: text/plain\r\n", "Text of 1\r\n"),
            leaf("Content-Type: application/octet-stream\r\n", "\x01\x02\xff"), embedded(third),
            fourth, embedded(fifth), leaf("Content-Type: text/html\r\n", "") });
    NestedMessage result;
    result.octets = whole.header + whole.body;
    result.sections = whole.sections;
    result.sections[""] = result.octets;
    result.sections["HEADER"] = whole.header;
    result.sections["TEXT"] = whole.body;
    return result;
}

} // namespace mail::test

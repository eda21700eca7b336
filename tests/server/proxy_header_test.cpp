// The PROXY protocol: each form and malformed form, cut at every octet.
#include "protocol/proxy_header.h"

#include <boost/crc.hpp>
#include <gtest/gtest.h>

using namespace mail;
using namespace std::string_literals;

namespace {

using Reader = ProxyHeaderReader;

/// Feeds a header with octets behind it, whole and cut at each octet; all must say the same.
Reader::Result read(std::string const& header)
{
    auto const input = header + "a1 NOOP\r\n";
    std::string_view whole = input;
    Reader reader;
    auto const result = reader.feed(whole);
    for (std::size_t cut = 0; cut <= input.size(); ++cut) {
        Reader other;
        std::string_view first = std::string_view(input).substr(0, cut);
        std::string_view second = std::string_view(input).substr(cut);
        auto again = other.feed(first);
        if (std::holds_alternative<Reader::NeedMore>(again)) {
            EXPECT_TRUE(first.empty());
            again = other.feed(second);
        } else {
            EXPECT_EQ(first.size() + second.size(), whole.size());
        }
        EXPECT_EQ(again.index(), result.index()) << "cut at " << cut;
    }
    if (std::holds_alternative<ProxyHeader>(result)) {
        EXPECT_EQ(whole, "a1 NOOP\r\n");
    }
    return result;
}

std::string said(std::string const& header)
{
    auto const result = read(header);
    if (auto const* malformed = std::get_if<Reader::Malformed>(&result))
        return std::string(malformed->why);
    if (auto const* told = std::get_if<ProxyHeader>(&result))
        return told->source == ProxyHeader::Source::client
            ? told->address + " " + std::to_string(told->port)
            : told->source == ProxyHeader::Source::proxy ? "proxy"
                                                         : "unknown";
    return "more";
}

ProxyHeader header_of(std::string const& header)
{
    auto const result = read(header);
    EXPECT_TRUE(std::holds_alternative<ProxyHeader>(result));
    auto const* told = std::get_if<ProxyHeader>(&result);
    return told ? *told : ProxyHeader {};
}

std::string length16(std::size_t length)
{
    return { static_cast<char>(length >> 8), static_cast<char>(length & 0xff) };
}

std::string v2(char command, char family, std::string const& rest)
{
    return "\r\n\r\n\0\r\nQUIT\n"s + command + family + length16(rest.size()) + rest;
}

std::string field(char type, std::string const& value)
{
    return type + length16(value.size()) + value;
}

std::string const v4 = "\xcb\x00\x71\x05\x0a\x00\x00\x01\x9c\xbb\x03\xe1"s;
std::string const v6 = "\x20\x01\x0d\xb8"s + std::string(11, '\0') + "\x05" + std::string(15, '\0')
    + "\x01\x9c\xbb\x03\xe1"s;

/// With the checksum put into its field, whose value is at the end.
std::string summed(std::string header)
{
    boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true> sum;
    sum.process_bytes(header.data(), header.size());
    for (int i = 0; i < 4; ++i)
        header[header.size() - 4 + static_cast<std::size_t>(i)]
            = static_cast<char>(sum.checksum() >> (24 - 8 * i));
    return header;
}

} // namespace

TEST(ProxyHeader, ReadsVersion1)
{
    EXPECT_EQ(said("PROXY TCP4 203.0.113.5 192.0.2.10 40123 993\r\n"), "203.0.113.5 40123");
    EXPECT_EQ(said("PROXY TCP6 2001:DB8::5 2001:db8::10 40123 993\r\n"), "2001:db8::5 40123");
    EXPECT_EQ(said("PROXY TCP6 ::ffff:203.0.113.5 ::1 0 65535\r\n"), "203.0.113.5 0");
    EXPECT_EQ(said("PROXY UNKNOWN\r\n"), "unknown");
    EXPECT_EQ(said("PROXY UNKNOWN ffff::1 anything\r\n"), "unknown");
}

TEST(ProxyHeader, RefusesWhatIsNoVersion1)
{
    for (std::string const& line : {
             "PROXX TCP4 1.2.3.4 5.6.7.8 1 2\r\n"s,
             "proxy TCP4 1.2.3.4 5.6.7.8 1 2\r\n"s,
             "PROXY tcp4 1.2.3.4 5.6.7.8 1 2\r\n"s,
             "PROXY TCP5 1.2.3.4 5.6.7.8 1 2\r\n"s,
             "PROXY  TCP4 1.2.3.4 5.6.7.8 1 2\r\n"s,
             "PROXY TCP4  1.2.3.4 5.6.7.8 1 2\r\n"s,
             "PROXY TCP4 1.2.3.4 5.6.7.8 1 2 \r\n"s,
             "PROXY TCP4 1.2.3.4 5.6.7.8 1\r\n"s,
             "PROXY TCP4 1.2.3.4 5.6.7.8 1 2 3\r\n"s,
             "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\n"s,
             "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\r\n"s,
             "PROXY TCP4 1.2.3.4 5.6.7.8 01 2\r\n"s,
             "PROXY TCP4 1.2.3.4 5.6.7.8 65536 2\r\n"s,
             "PROXY TCP4 1.2.3.4 5.6.7.8 -1 2\r\n"s,
             "PROXY TCP4 1.2.3.4 5.6.7.8 1 +2\r\n"s,
             "PROXY TCP4 1.2.3.04 5.6.7.8 1 2\r\n"s,
             "PROXY TCP4 1.2.3 5.6.7.8 1 2\r\n"s,
             "PROXY TCP4 ::1 ::2 1 2\r\n"s,
             "PROXY TCP6 1.2.3.4 5.6.7.8 1 2\r\n"s,
             "PROXY TCP6 fe80::1%eth0 ::2 1 2\r\n"s,
             "PROXY TCP4 1.2.3.4\0x 5.6.7.8 1 2\r\n"s,
             "PROXY TCP4\r\n"s,
             "PROXY \r\n"s,
             "PROXY UNKNOWNX\r\n"s,
             "PROXY UNKNOWN \x80\r\n"s,
             "PROXY UNKNOWN " + std::string(92, 'x') + "\r\n",
         }) {
        auto const result = read(line);
        EXPECT_TRUE(std::holds_alternative<Reader::Malformed>(result)) << line;
    }
    EXPECT_EQ(said("PROXY UNKNOWN " + std::string(91, 'x') + "\r\n"), "unknown") << "107 octets";
    EXPECT_EQ(said("PROXY UNKNOWN " + std::string(200, 'x')), "its line is too long");
}

TEST(ProxyHeader, KnowsAtTheFirstOctetThatThereIsNone)
{
    for (auto const* other : { "a1", "\x16\x03\x01", "PO", "\r\n\r\nX", "\n" }) {
        Reader reader;
        std::string_view octets = other;
        EXPECT_TRUE(std::holds_alternative<Reader::Malformed>(reader.feed(octets))) << other;
    }
}

TEST(ProxyHeader, ReadsVersion2)
{
    EXPECT_EQ(said(v2(0x21, 0x11, v4)), "203.0.113.5 40123");
    EXPECT_EQ(said(v2(0x21, 0x21, v6)), "2001:db8::5 40123");
    auto const mapped = std::string(10, '\0') + "\xff\xff\xcb\x00\x71\x05"s + std::string(16, '\0')
        + "\x9c\xbb\x03\xe1"s;
    EXPECT_EQ(said(v2(0x21, 0x21, mapped)), "203.0.113.5 40123");
    EXPECT_EQ(said(v2(0x21, 0x31, std::string(216, '\0'))), "unknown");
    EXPECT_EQ(said(v2(0x21, 0x00, "whatever")), "unknown");
    EXPECT_EQ(said(v2(0x21, 0x10, v4)), "unknown");
    EXPECT_EQ(said(v2(0x20, 0x00, "")), "proxy");
    EXPECT_EQ(said(v2(0x20, 0x11, v4 + "what follows is skipped")), "proxy");
}

TEST(ProxyHeader, ReadsTheFieldsOfVersion2)
{
    auto const ssl = field(0x20,
        "\x01\0\0\0\0"s + field(0x21, "TLSv1.3") + field(0x23, "SUITE") + field(0x22, "alice")
            + field(0x2f, "later"));
    auto const told = header_of(v2(0x21, 0x11,
        v4 + field(0x01, "imap") + field(0x02, "mail.example.org") + field(0x04, "") + ssl
            + field(0x05, "id") + field(0x30, "net") + field('\xe0', "own")));
    EXPECT_EQ(told.address, "203.0.113.5");
    EXPECT_TRUE(told.is_encrypted);
    EXPECT_EQ(told.tls_version, "TLSv1.3");
    EXPECT_EQ(told.cipher, "SUITE");
    EXPECT_EQ(told.application_protocol, "imap");
    EXPECT_EQ(told.authority, "mail.example.org");
    EXPECT_FALSE(header_of(v2(0x21, 0x11, v4 + field(0x20, "\0\0\0\0\1"s))).is_encrypted);
}

TEST(ProxyHeader, ChecksTheSum)
{
    auto const good = summed(v2(0x21, 0x11, v4 + field(0x01, "imap") + field(0x03, "\0\0\0\0"s)));
    EXPECT_EQ(said(good), "203.0.113.5 40123");
    auto bad = good;
    bad[17] ^= 1;
    EXPECT_EQ(said(bad), "its checksum is wrong");
    EXPECT_EQ(said(v2(0x21, 0x11, v4 + field(0x03, "\0\0\0"s))), "its checksum is wrong");
    auto const twice = field(0x03, "\0\0\0\0"s);
    EXPECT_EQ(said(summed(v2(0x21, 0x11, v4 + twice + twice))), "its checksum is wrong");
}

TEST(ProxyHeader, RefusesWhatIsNoVersion2)
{
    EXPECT_EQ(said(v2(0x11, 0x11, v4)), "its version is unknown");
    EXPECT_EQ(said(v2(0x31, 0x11, v4)), "its version is unknown");
    EXPECT_EQ(said(v2(0x22, 0x11, v4)), "its command is neither LOCAL nor PROXY");
    EXPECT_EQ(said(v2(0x21, 0x41, v4)), "its family of addresses or transport is unknown");
    EXPECT_EQ(said(v2(0x21, 0x13, v4)), "its family of addresses or transport is unknown");
    EXPECT_EQ(said(v2(0x21, 0x12, v4)), "it is about datagrams");
    EXPECT_EQ(said(v2(0x21, 0x11, v4.substr(1))), "it is too short for its addresses");
    EXPECT_EQ(said(v2(0x21, 0x21, v4)), "it is too short for its addresses");
    EXPECT_EQ(said(v2(0x21, 0x31, std::string(215, '\0'))), "it is too short for its addresses");
    for (auto const& fields : { "\x01"s, "\x01\x00"s, "\x01\x00\x01"s, field(0x20, "\1\0\0\0"s),
             field(0x20, "\1\0\0\0\0\x21\x00\x09TLS"s) })
        EXPECT_EQ(said(v2(0x21, 0x11, v4 + fields)), "a field is longer than what there is");
    EXPECT_EQ(said(v2(0x21, 0x11, v4 + std::string(4069, '\0'))), "it is too long");
    EXPECT_NE(said(v2(0x20, 0x11, v4 + std::string(4068, '\0'))), "it is too long");
}

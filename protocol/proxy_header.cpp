// Grammar of both versions of the PROXY protocol.
#include "protocol/proxy_header.h"

#include <boost/crc.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <optional>
#include <utility>

namespace mail {

namespace {

    using Malformed = ProxyHeaderReader::Malformed;
    using Parsed = std::variant<Malformed, ProxyHeader>;
    using namespace std::string_view_literals;

    constexpr auto v1_signature = "PROXY "sv;
    constexpr auto v2_signature = "\r\n\r\n\0\r\nQUIT\n"sv;
    constexpr std::size_t v1_max_octets = 107;
    constexpr std::size_t v2_fixed_octets = 16;

    unsigned octet_at(std::string_view octets, std::size_t at)
    {
        return static_cast<unsigned char>(octets[at]);
    }

    unsigned number16_at(std::string_view octets, std::size_t at)
    {
        return octet_at(octets, at) << 8 | octet_at(octets, at + 1);
    }

    // --- Addresses

    std::string text_of(in_addr const& v4)
    {
        char text[INET_ADDRSTRLEN] = "";
        ::inet_ntop(AF_INET, &v4, text, sizeof text);
        return text;
    }

    std::string text_of(in6_addr const& v6)
    {
        if (IN6_IS_ADDR_V4MAPPED(&v6)) {
            in_addr v4 {};
            std::memcpy(&v4, v6.s6_addr + 12, sizeof v4);
            return text_of(v4);
        }
        char text[INET6_ADDRSTRLEN] = "";
        ::inet_ntop(AF_INET6, &v6, text, sizeof text);
        return text;
    }

    template <class Address> std::string binary_address(std::string_view octets)
    {
        Address address {};
        std::memcpy(&address, octets.data(), sizeof address);
        return text_of(address);
    }

    /// Empty: it is no address of this family.
    template <class Address> std::string written_address(int family, std::string_view written)
    {
        Address address {};
        return ::inet_pton(family, std::string(written).c_str(), &address) == 1 ? text_of(address)
                                                                                : std::string();
    }

    // --- Version 1: a line

    std::optional<std::uint16_t> written_port(std::string_view digits)
    {
        std::uint16_t port = 0;
        auto const [end, error]
            = std::from_chars(digits.data(), digits.data() + digits.size(), port);
        bool const is_whole = error == std::errc {} && end == digits.data() + digits.size();
        if (!is_whole || (digits.size() > 1 && digits.front() == '0'))
            return std::nullopt;
        return port;
    }

    /// Up to the next space, which is taken too.
    std::string_view next_word(std::string_view& line)
    {
        auto const word = line.substr(0, line.find(' '));
        line.remove_prefix(std::min(line.size(), word.size() + 1));
        return word;
    }

    Parsed parse_v1(std::string_view header)
    {
        if (!header.ends_with("\r\n"))
            return Malformed { "its line does not end with CRLF" };
        auto line = header.substr(v1_signature.size(), header.size() - v1_signature.size() - 2);
        bool const is_text
            = std::ranges::all_of(line, [](char c) { return c >= 0x20 && c < 0x7f; });
        if (!is_text)
            return Malformed { "its line has characters that are none of ASCII" };
        if (line == "UNKNOWN" || line.starts_with("UNKNOWN "))
            return ProxyHeader {};
        auto const kind = next_word(line);
        if (kind != "TCP4" && kind != "TCP6")
            return Malformed { "its protocol is none of TCP4, TCP6, UNKNOWN" };
        bool const is_v4 = kind == "TCP4";
        auto const address = [&](std::string_view word) {
            return is_v4 ? written_address<in_addr>(AF_INET, word)
                         : written_address<in6_addr>(AF_INET6, word);
        };
        ProxyHeader told;
        told.source = ProxyHeader::Source::client;
        told.address = address(next_word(line));
        auto const destination = address(next_word(line));
        auto const port = written_port(next_word(line));
        auto const destination_port = written_port(line);
        if (told.address.empty() || destination.empty())
            return Malformed { "its addresses are none of the protocol that it names" };
        if (!port || !destination_port)
            return Malformed { "its ports are none" };
        told.port = *port;
        return told;
    }

    // --- Version 2: fixed part, addresses, then fields of type, length and value

    enum Type : unsigned {
        type_alpn = 0x01,
        type_authority = 0x02,
        type_crc32c = 0x03,
        type_ssl = 0x20,
        type_ssl_version = 0x21,
        type_ssl_cipher = 0x23,
    };

    /// Calls f(type, value, where the value begins in `fields`); false when a length does not fit.
    template <class F> bool for_each_field(std::string_view fields, F f)
    {
        for (std::size_t at = 0; at < fields.size();) {
            if (fields.size() - at < 3)
                return false;
            auto const length = number16_at(fields, at + 1);
            if (fields.size() - at - 3 < length)
                return false;
            f(octet_at(fields, at), fields.substr(at + 3, length), at + 3);
            at += 3 + length;
        }
        return true;
    }

    bool read_ssl(std::string_view value, ProxyHeader& told)
    {
        constexpr std::size_t fixed = 5; // flags, and whether the client's certificate was good
        if (value.size() < fixed)
            return false;
        told.is_encrypted = (octet_at(value, 0) & 0x01) != 0;
        return for_each_field(
            value.substr(fixed), [&](unsigned type, std::string_view field, std::size_t) {
                if (type == type_ssl_version)
                    told.tls_version = field;
                else if (type == type_ssl_cipher)
                    told.cipher = field;
            });
    }

    /// Over the whole header, with zeros in the place of the sum itself.
    bool has_sum(std::string header, std::size_t at)
    {
        std::uint32_t const told = number16_at(header, at) << 16 | number16_at(header, at + 2);
        std::fill_n(header.begin() + static_cast<std::ptrdiff_t>(at), 4, '\0');
        boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true> sum;
        sum.process_bytes(header.data(), header.size());
        return sum.checksum() == told;
    }

    std::optional<Malformed> read_fields(
        std::string_view header, std::size_t begin, ProxyHeader& told)
    {
        bool has_good_ssl = true;
        bool has_good_sum = true;
        bool has_sum_already = false; // a second one would be work for nothing
        auto const read = [&](unsigned type, std::string_view value, std::size_t at) {
            if (type == type_alpn)
                told.application_protocol = value;
            else if (type == type_authority)
                told.authority = value;
            else if (type == type_ssl)
                has_good_ssl = has_good_ssl && read_ssl(value, told);
            else if (type == type_crc32c)
                has_good_sum = !std::exchange(has_sum_already, true) && value.size() == 4
                    && has_sum(std::string(header), begin + at);
        };
        if (!for_each_field(header.substr(begin), read) || !has_good_ssl)
            return Malformed { "a field is longer than what there is" };
        if (!has_good_sum)
            return Malformed { "its checksum is wrong" };
        return std::nullopt;
    }

    Parsed parse_v2(std::string_view header)
    {
        using Source = ProxyHeader::Source;
        enum Family : unsigned { unspecified, v4, v6, local };
        enum Transport : unsigned { no_transport, stream, datagram };
        auto const command = octet_at(header, 12) & 0x0f;
        auto const family = octet_at(header, 13) >> 4;
        auto const transport = octet_at(header, 13) & 0x0f;
        ProxyHeader told;
        if (command > 1)
            return Malformed { "its command is neither LOCAL nor PROXY" };
        if (family > local || transport > datagram)
            return Malformed { "its family of addresses or transport is unknown" };
        if (command == 0) {
            told.source = Source::proxy;
            return told; // what follows is to be skipped
        }
        if (transport == datagram)
            return Malformed { "it is about datagrams" };
        if (family == unspecified || transport == no_transport)
            return told; // nor is it said then where fields would begin
        constexpr std::array<std::size_t, 4> sizes { 0, 12, 36, 216 };
        auto const begin = v2_fixed_octets + sizes[family];
        if (header.size() < begin)
            return Malformed { "it is too short for its addresses" };
        auto const addresses = header.substr(v2_fixed_octets, sizes[family]);
        if (family != local) {
            told.source = Source::client;
            told.address = family == v4 ? binary_address<in_addr>(addresses)
                                        : binary_address<in6_addr>(addresses);
            told.port = static_cast<std::uint16_t>(number16_at(addresses, family == v4 ? 8 : 32));
        }
        if (auto const malformed = read_fields(header, begin, told))
            return *malformed;
        return told;
    }

    ProxyHeaderReader::Result result_of(Parsed parsed)
    {
        return std::visit(
            [](auto& each) -> ProxyHeaderReader::Result { return std::move(each); }, parsed);
    }

} // namespace

/// Judges what came last; before that, nothing was wrong.
ProxyHeaderReader::Result ProxyHeaderReader::look() const
{
    auto const size = header_.size();
    auto const& signature = header_.front() == 'P' ? v1_signature : v2_signature;
    if (size <= signature.size()) {
        if (header_.back() != signature[size - 1])
            return Malformed { "there is none" };
        return NeedMore {};
    }
    if (signature == v1_signature) {
        if (header_.back() == '\n')
            return result_of(parse_v1(header_));
        if (size == v1_max_octets)
            return Malformed { "its line is too long" };
        return NeedMore {};
    }
    if (size == 13 && octet_at(header_, 12) >> 4 != 2)
        return Malformed { "its version is unknown" };
    if (size < v2_fixed_octets)
        return NeedMore {};
    auto const whole = v2_fixed_octets + number16_at(header_, 14);
    if (whole > max_octets)
        return Malformed { "it is too long" };
    if (size < whole)
        return NeedMore {};
    return result_of(parse_v2(header_));
}

ProxyHeaderReader::Result ProxyHeaderReader::feed(std::string_view& octets)
{
    while (!octets.empty()) {
        header_ += octets.front();
        octets.remove_prefix(1);
        if (auto result = look(); !std::holds_alternative<NeedMore>(result))
            return result;
    }
    return NeedMore {};
}

} // namespace mail

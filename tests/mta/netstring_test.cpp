// Netstrings, cut at every octet.
#include "protocol/mta/netstring.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

using namespace std::string_view_literals;

namespace mail::mta {
namespace {

    struct Reading {
        std::vector<std::string> data;
        bool is_broken = false;
        bool operator==(Reading const&) const = default;
    };

    Reading read(std::string_view octets, std::size_t piece, std::size_t limit = 20)
    {
        NetstringReader reader(limit);
        Reading reading;
        while (!octets.empty() && !reading.is_broken) {
            auto part = octets.substr(0, piece);
            octets.remove_prefix(part.size());
            for (bool more = true; more;) {
                auto const found = reader.feed(part);
                more = found == NetstringReader::Found::data;
                if (more)
                    reading.data.emplace_back(reader.data());
                reading.is_broken = found == NetstringReader::Found::broken;
            }
        }
        return reading;
    }

    void expect(std::string_view octets, std::vector<std::string> const& data, bool is_broken)
    {
        for (std::size_t piece = 1; piece <= octets.size(); ++piece) {
            auto const reading = read(octets, piece);
            EXPECT_EQ(reading.data, data) << octets << " by " << piece;
            EXPECT_EQ(reading.is_broken, is_broken) << octets << " by " << piece;
        }
    }

    TEST(Netstring, ReadsDataOfAnyKind)
    {
        expect("5:hello,", { "hello" }, false);
        expect("0:,", { "" }, false);
        expect("3:a,b,1:,,0:,", { "a,b", ",", "" }, false);
        expect("3:\0\n,,"sv, { std::string("\0\n,"sv) }, false);
        expect("20:12345678901234567890,", { "12345678901234567890" }, false);
    }

    TEST(Netstring, WaitsForTheRest)
    {
        for (auto const part : { "5"sv, "5:"sv, "5:hell"sv, "5:hello"sv, "12"sv, "0:"sv })
            expect(part, {}, false);
    }

    TEST(Netstring, BreaksOff)
    {
        for (auto const wrong : { "hello"sv, ":x,"sv, "-1:x,"sv, "+1:x,"sv, " 1:x,"sv, "01:x,"sv,
                 "00:,"sv, "1x,"sv, "5:hello;"sv, "1:ab,"sv, "0:x"sv, "21:"sv,
                 "9999999999999999999999"sv, "\n"sv, "1 :x,"sv, "\xff"sv })
            expect(wrong, {}, true);
        expect("1:a,x", { "a" }, true);
        NetstringReader reader(5);
        auto octets = "x"sv;
        EXPECT_EQ(reader.feed(octets), NetstringReader::Found::broken);
        octets = "1:a,";
        EXPECT_EQ(reader.feed(octets), NetstringReader::Found::broken) << "nothing can follow";
    }

    TEST(Netstring, IsWrittenAsItIsRead)
    {
        std::string out;
        append_netstring(out, "OK x");
        append_netstring(out, "");
        append_netstring(out, "NOTFOUND ");
        EXPECT_EQ(out, "4:OK x,0:,9:NOTFOUND ,");
    }

} // namespace
} // namespace mail::mta

// The grammar of RFC 5092 §11. Octets are decoded only when the URL is cut into its components.
#include "protocol/imap/url.h"

#include "protocol/imap/date_time.h"
#include "protocol/imap/fetch_items.h"
#include "protocol/imap/parser.h"
#include "protocol/mime/transfer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

namespace mail::imap {
namespace {

    constexpr auto npos = std::string_view::npos;

    bool is_letter_or_digit(char c)
    {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }

    /// achar but for "%"; bchar when `more` has ":@/".
    bool is_plain(char c, std::string_view more)
    {
        return is_letter_or_digit(c) || std::string_view("-._~!$'()*+,&=").find(c) != npos
            || more.find(c) != npos;
    }

    /// Undoes the percent-encoding; nothing when an octet may not stand there as it does.
    std::optional<std::string> decode(std::string_view text, std::string_view more = {})
    {
        std::string decoded;
        decoded.reserve(text.size());
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] != '%') {
                if (!is_plain(text[i], more))
                    return std::nullopt;
                decoded += text[i];
                continue;
            }
            auto const high = i + 2 < text.size() ? mime::hex_value(text[i + 1]) : -1;
            auto const low = i + 2 < text.size() ? mime::hex_value(text[i + 2]) : -1;
            if (high < 0 || low < 0)
                return std::nullopt;
            decoded += static_cast<char>(high * 16 + low);
            i += 2;
        }
        return decoded;
    }

    bool takes_prefix(std::string_view& text, std::string_view prefix)
    {
        if (!equal_without_case(text.substr(0, prefix.size()), prefix))
            return false;
        text.remove_prefix(prefix.size());
        return true;
    }

    std::optional<std::uint64_t> number(std::string_view text, std::uint64_t most)
    {
        std::uint64_t value = 0;
        auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (text.empty() || error != std::errc {} || end != text.data() + text.size()
            || value > most)
            return std::nullopt;
        return value;
    }

    /// RFC 3986 §5.2.4, for a path that begins with "/".
    std::string without_dot_segments(std::string_view path)
    {
        std::vector<std::string_view> kept;
        bool ends_in_dots = false;
        while (!path.empty()) {
            path.remove_prefix(1); // "/"
            auto const segment = path.substr(0, path.find('/'));
            path.remove_prefix(segment.size());
            ends_in_dots = segment == "." || segment == "..";
            if (segment == ".." && !kept.empty())
                kept.pop_back();
            if (!ends_in_dots)
                kept.push_back(segment);
        }
        std::string result;
        for (auto const segment : kept)
            result.append("/").append(segment);
        return ends_in_dots ? result + "/" : result;
    }

    class UrlReader {
    public:
        UrlReader(std::string_view url, Agreement const& terms)
            : text_(url)
            , terms_(terms)
        {
        }

        Result<ImapUrl> read()
        {
            url_.rump = text_.size();
            auto rest = text_;
            if (takes_prefix(rest, "imap://")) {
                auto const authority = rest.substr(0, rest.find_first_of("/?#"));
                rest.remove_prefix(authority.size());
                if (!read_authority(authority))
                    return bad("The URL's server is written like imap://user@host or "
                               "imap://user@host:port");
                url_.form = ImapUrl::Form::absolute;
            } else if (rest.starts_with('/') && !rest.starts_with("//")) {
                url_.form = ImapUrl::Form::absolute_path;
            } else if (rest.starts_with(';')) {
                url_.form = ImapUrl::Form::in_mailbox;
            } else {
                return bad("The URL begins with imap://, or with the \"/\" of its path");
            }
            if (rest.find_first_of("?#") != npos)
                return bad(
                    "The URL names a search, not a message; give it ;UID= in place of \"?\"");
            if (rest.empty() || rest == "/")
                return bad("The URL names a server, not a message; give it a mailbox and ;UID=");
            std::string const path(
                rest.starts_with('/') ? without_dot_segments(rest) : std::string(rest));
            read_path(path);
            if (!failure_.empty())
                return bad(std::move(failure_));
            if (url_.uid == 0)
                return bad("The URL names no message: it lacks ;UID=");
            return std::move(url_);
        }

    private:
        void fail(std::string why)
        {
            if (failure_.empty())
                failure_ = std::move(why);
        }

        /// iserver: [iuserinfo "@"] host [":" port]
        bool read_authority(std::string_view text)
        {
            if (auto const at = text.rfind('@'); at != npos) {
                auto info = text.substr(0, at);
                text.remove_prefix(at + 1);
                auto const name = info.substr(0, info.find(';'));
                auto const user = decode(name);
                info.remove_prefix(name.size());
                bool const has_more = !info.empty();
                bool const has_mechanism
                    = takes_prefix(info, ";AUTH=") && !info.empty() && decode(info);
                if (!user || has_more != has_mechanism || (name.empty() && !has_mechanism))
                    return false;
                url_.user = *user;
            }
            auto const bracket = text.rfind(']'); // of an IPv6 address
            auto const colon = text.find(':', bracket == npos ? 0 : bracket);
            auto const host = text.substr(0, colon);
            if (colon != npos && colon + 1 != text.size()
                && !number(text.substr(colon + 1), UINT16_MAX))
                return false;
            return !host.empty()
                && std::ranges::all_of(host, [](char c) { return is_plain(c, "%:[]"); });
        }

        /// icommand: the mailbox, then parameters, each behind a ";".
        void read_path(std::string_view path)
        {
            auto const semicolon = std::min(path.find(';'), path.size());
            read_mailbox(path.substr(0, semicolon));
            // A slash belongs in front of ;UID, ;SECTION and ;PARTIAL.
            bool has_slash = path.substr(0, semicolon).ends_with('/')
                || url_.form == ImapUrl::Form::in_mailbox;
            path.remove_prefix(semicolon);
            while (!path.empty() && failure_.empty()) {
                path.remove_prefix(1);
                auto parameter = path.substr(0, path.find(';'));
                path.remove_prefix(parameter.size());
                bool const more = !path.empty();
                bool const ends_in_slash = more && parameter.ends_with('/');
                if (ends_in_slash)
                    parameter.remove_suffix(1);
                read_parameter(parameter, has_slash);
                has_slash = ends_in_slash;
            }
        }

        void read_mailbox(std::string_view encoded)
        {
            if (url_.form == ImapUrl::Form::in_mailbox)
                return;
            if (encoded.starts_with('/'))
                encoded.remove_prefix(1);
            if (encoded.ends_with('/'))
                encoded.remove_suffix(1);
            auto const decoded = decode(encoded, ":@/");
            if (!decoded)
                return fail(
                    "Other octets than letters, digits and -._~ are percent-encoded in URLs");
            auto name = mailbox_named(*decoded);
            if (!name)
                return fail(name.error().text());
            url_.mailbox = std::move(*name);
        }

        enum class Step : std::uint8_t {
            mailbox,
            uid_validity,
            uid,
            section,
            partial,
            expire,
            authorization
        };
        struct Parameter {
            std::string_view name;
            Step step;
            bool is_set_apart; ///< by a "/" in front of its ";"
        };

        void read_parameter(std::string_view text, bool has_slash)
        {
            static constexpr auto parameters = std::to_array<Parameter>({
                { "UIDVALIDITY=", Step::uid_validity, false },
                { "UID=", Step::uid, true },
                { "SECTION=", Step::section, true },
                { "PARTIAL=", Step::partial, true },
                { "EXPIRE=", Step::expire, false },
                { "URLAUTH=", Step::authorization, false },
            });
            auto const parameter = std::ranges::find_if(
                parameters, [&](Parameter const& known) { return takes_prefix(text, known.name); });
            if (parameter == parameters.end() || parameter->step <= step_
                || parameter->is_set_apart != has_slash
                || (parameter->step > Step::uid && url_.uid == 0)
                || (parameter->step == Step::partial && !terms_.offers(Capability::url_partial)))
                return fail("The URL's parameters are ;UIDVALIDITY=, /;UID=, /;SECTION=, "
                            "/;PARTIAL=, ;EXPIRE= and ;URLAUTH=, in this order");
            step_ = parameter->step;
            switch (step_) {
            case Step::mailbox:
                return;
            case Step::uid_validity:
                return read_number(text, url_.uid_validity);
            case Step::uid:
                return read_number(text, url_.uid);
            case Step::section:
                return read_section(text);
            case Step::partial:
                return read_partial(text);
            case Step::expire:
                return read_expiry(text);
            case Step::authorization:
                return read_authorization(text);
            }
        }

        void read_number(std::string_view text, std::uint32_t& out)
        {
            auto const value = number(text, UINT32_MAX);
            if (!value || *value == 0)
                return fail("The URL's UIDVALIDITY and UID are numbers above 0, of 32 bits");
            out = static_cast<std::uint32_t>(*value);
        }

        void read_section(std::string_view text)
        {
            auto const decoded = decode(text, ":@/");
            if (!decoded || decoded->empty())
                return fail("The URL's section is empty or not percent-encoded; write it like "
                            "/;SECTION=1.2");
            std::string const bracketed = "[" + *decoded + "]";
            Parser in(bracketed, terms_);
            url_.section = parse_section(in);
            if (in.failed() || in.position() != bracketed.size())
                fail("The URL's section is not one; write what FETCH takes in BODY[...]");
        }

        /// number ["." nz-number]
        void read_partial(std::string_view text)
        {
            auto const dot = text.find('.');
            auto const offset = number(text.substr(0, dot), INT64_MAX);
            auto const octets = dot == npos ? std::optional<std::uint64_t>(UINT64_MAX)
                                            : number(text.substr(dot + 1), INT64_MAX);
            if (!offset || !octets || *octets == 0)
                return fail("The URL's range is written like ;PARTIAL=0.1024 or ;PARTIAL=1024");
            url_.partial = Partial { *offset, *octets };
        }

        void read_expiry(std::string_view text)
        {
            url_.expires = parse_timestamp(text);
            if (!url_.expires)
                fail("The URL's time is written like ;EXPIRE=2030-12-31T23:59:59Z");
        }

        /// access [":" mechanism ":" token], at the URL's end
        void read_authorization(std::string_view text)
        {
            auto const colon = std::min(text.find(':'), text.size());
            read_access(text.substr(0, colon));
            if (!text_.ends_with(text))
                return fail("The URL goes on behind its authorization; put ;URLAUTH= last");
            text.remove_prefix(colon);
            url_.rump = text_.size() - text.size();
            if (text.empty())
                return;
            text.remove_prefix(1);
            auto const mechanism = text.substr(0, text.find(':'));
            text.remove_prefix(std::min(text.size(), mechanism.size() + 1));
            auto const is_name_octet
                = [](char c) { return is_letter_or_digit(c) || c == '-' || c == '.'; };
            auto const is_hex = [](char c) { return mime::hex_value(c) >= 0; };
            constexpr std::size_t shortest = 32; // RFC 4467 §3: 128 bits
            if (mechanism.empty() || !std::ranges::all_of(mechanism, is_name_octet)
                || text.size() < shortest || !std::ranges::all_of(text, is_hex))
                return fail(
                    "The URL's authorization is written like ;URLAUTH=authuser:internal:TOKEN");
            url_.mechanism = ascii::upper_case(mechanism);
            url_.token = text;
        }

        void read_access(std::string_view text)
        {
            UrlAccess access;
            auto const plus = text.find('+');
            auto name = text.substr(0, plus);
            auto const user = plus == npos ? std::optional<std::string>(std::string())
                                           : decode(text.substr(plus + 1));
            bool const names_user = plus != npos && user && !user->empty();
            if (equal_without_case(name, "anonymous"))
                access.kind = UrlAccess::Kind::anonymous;
            else if (equal_without_case(name, "authuser"))
                access.kind = UrlAccess::Kind::authuser;
            else if (equal_without_case(name, "user"))
                access.kind = UrlAccess::Kind::user;
            else
                access.kind = UrlAccess::Kind::application;
            bool const is_application = access.kind == UrlAccess::Kind::application;
            bool const takes_user = is_application || access.kind == UrlAccess::Kind::user;
            bool const needs_user
                = access.kind == UrlAccess::Kind::user || equal_without_case(name, "submit");
            if (name.empty() || !std::ranges::all_of(name, is_letter_or_digit)
                || (plus != npos && (!takes_user || !names_user)) || (needs_user && !names_user))
                return fail("The URL's access identifier is none: use anonymous, authuser, "
                            "user+NAME, submit+NAME or stream");
            if (is_application)
                access.application = ascii::lower_case(name);
            access.user = *user;
            url_.access = std::move(access);
        }

        std::string_view text_;
        Agreement const& terms_;
        ImapUrl url_;
        Step step_ = Step::mailbox;
        std::string failure_;
    };

} // namespace

Result<ImapUrl> parse_url(std::string_view url, Agreement const& terms)
{
    return UrlReader(url, terms).read();
}

} // namespace mail::imap

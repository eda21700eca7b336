// What must be in which mailbox after a session, told by what the client sent and what the server
// replied. Shares no code with the server.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mail::lmtp {

/// Messages by account and mailbox, in their order.
using Mailboxes = std::map<std::pair<std::string, std::string>, std::vector<std::string>>;

/// Follows a session by what the client sent and what the server replied.
class Reader {
public:
    Reader(std::string_view input, std::string_view output)
        : input_(input)
        , output_(output)
    {
    }

    /// Reads on to the end; false when the replies do not fit the input, and why.
    bool run()
    {
        if (!next_reply() || code_ != "220")
            return fail("no greeting");
        while (why_.empty() && !has_ended_ && next_line(longest_line))
            command();
        if (why_.empty() && !is_unreadable_ && !output_.empty() && !output_.starts_with("421 "))
            fail("replies to nothing: " + std::string(output_));
        return why_.empty();
    }

    Mailboxes const& delivered() const { return delivered_; }
    bool has_seen_all() const { return !is_unreadable_; } ///< no STARTTLS came in between
    std::string const& why() const { return why_; }

private:
    static constexpr std::size_t longest_line = 4096;
    static constexpr std::size_t longest_response = 5464;

    bool fail(std::string why)
    {
        why_ = std::move(why);
        return false;
    }

    static std::string upper(std::string_view text)
    {
        std::string result(text);
        for (auto& c : result)
            if (c >= 'a' && c <= 'z')
                c = static_cast<char>(c - 'a' + 'A');
        return result;
    }

    bool next_line(std::size_t longest)
    {
        auto const end = input_.find('\n');
        if (end == input_.npos)
            return false;
        line_ = input_.substr(0, end);
        input_.remove_prefix(end + 1);
        if (line_.ends_with('\r'))
            line_.remove_suffix(1);
        is_too_long_ = line_.size() > longest;
        return true;
    }

    bool next_reply()
    {
        for (;;) {
            auto const end = output_.find("\r\n");
            if (end == output_.npos)
                return false;
            auto const line = output_.substr(0, end);
            output_.remove_prefix(end + 2);
            if (line.size() < 4)
                return false;
            code_ = line.substr(0, 3);
            if (line[3] == ' ')
                return true;
        }
    }

    bool expect_reply()
    {
        if (!next_reply())
            return fail("no reply to: " + std::string(line_));
        has_ended_ = code_ == "421" || code_ == "221";
        return true;
    }

    void forget()
    {
        recipients_.clear();
        chunks_.clear();
        is_open_ = has_begun_ = was_mail_tried_ = false;
    }

    void command()
    {
        if (is_too_long_) {
            expect_reply();
            return;
        }
        auto const word = upper(line_.substr(0, line_.find(' ')));
        if (word == "BDAT")
            return chunk();
        if (word == "MAIL" && !is_open_)
            was_mail_tried_ = true;
        if (!expect_reply())
            return;
        if (word == "MAIL" && code_ == "250") {
            forget();
            is_open_ = true;
        } else if (word == "RCPT" && code_ == "250") {
            recipients_.push_back(mailbox_of(line_));
        } else if ((word == "RSET" || word == "LHLO") && code_ == "250") {
            forget();
        } else if (word == "DATA" && code_ == "354") {
            data();
        } else if (word == "AUTH") {
            while (code_ == "334" && why_.empty())
                if (!next_line(longest_response)) {
                    has_ended_ = true;
                    return;
                } else if (!expect_reply()) {
                    return;
                }
            // Closed after too many failures.
            has_ended_ = has_ended_ || ((code_ == "535" || code_ == "538") && output_.empty());
        } else if (word == "STARTTLS" && code_ == "220") {
            // How much of the rest was thrown away depends on when it came.
            has_ended_ = is_unreadable_ = true;
        }
    }

    void data()
    {
        std::string message;
        for (;;) {
            auto const end = input_.find("\r\n");
            auto line = input_.substr(0, end == input_.npos ? end : end + 2);
            if (end == input_.npos) {
                has_ended_ = true;
                return;
            }
            input_.remove_prefix(line.size());
            if (line == ".\r\n")
                break;
            if (line.starts_with('.'))
                line.remove_prefix(1);
            message += line;
        }
        replies_for(message);
    }

    void chunk()
    {
        auto rest = line_.substr(4);
        auto const skip
            = [&] { rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size())); };
        skip();
        auto const digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
        auto const number = rest.substr(0, digits);
        rest.remove_prefix(digits);
        auto const significant
            = number.substr(std::min(number.find_first_not_of('0'), number.size()));
        bool const is_number = !number.empty() && (rest.empty() || rest.front() == ' ')
            && (significant.size() < 20
                || (significant.size() == 20 && significant <= "18446744073709551615"));
        if (!is_number) {
            expect_reply();
            has_ended_ = true; // it is closed
            return;
        }
        skip();
        auto const word = upper(rest.substr(0, rest.find(' ')));
        rest.remove_prefix(word.size());
        skip();
        bool const is_last = word == "LAST";
        bool const is_understood = rest.empty() && (is_last || word.empty());
        auto const octets = significant.size() > 9
            ? UINT64_MAX
            : std::strtoull(std::string(significant).c_str(), nullptr, 10);
        if (octets > input_.size()) {
            has_ended_ = true;
            return;
        }
        auto const content = input_.substr(0, octets);
        input_.remove_prefix(octets);
        bool const is_taken = is_understood && is_open_ && (has_begun_ || !recipients_.empty());
        if (!is_taken) {
            bool const is_silent
                = is_last && (is_open_ ? recipients_.empty() && !has_begun_ : was_mail_tried_);
            if (is_silent)
                forget();
            else
                expect_reply();
            return;
        }
        has_begun_ = true;
        chunks_ += content;
        if (is_last)
            replies_for(std::string(chunks_));
        else
            expect_reply();
    }

    void replies_for(std::string const& message)
    {
        for (auto const& recipient : recipients_) {
            if (!expect_reply())
                return;
            if (code_ == "250")
                delivered_[recipient].push_back(message);
        }
        forget();
    }

    static std::string lower(std::string text)
    {
        for (auto& c : text)
            if (c >= 'A' && c <= 'Z')
                c = static_cast<char>(c + 32);
        return text;
    }

    /// Account and mailbox of the address in RCPT.
    static std::pair<std::string, std::string> mailbox_of(std::string_view line)
    {
        auto path = line.substr(std::min(line.find('<'), line.size() - 1) + 1);
        // A parameter may have a ">" as well.
        path = path.substr(0, path.find('>'));
        if (path.starts_with('@'))
            path.remove_prefix(std::min(path.find(':'), path.size() - 1) + 1);
        std::string address;
        for (char const c : path)
            if (c != '"' && c != '\\')
                address += c;
        auto const local = address.substr(0, address.find('@'));
        auto const plus = local.find('+');
        auto const detail = plus == local.npos ? std::string {} : upper(local.substr(plus + 1));
        for (auto const* name : { "Archive", "Drafts", "Junk", "Sent", "Trash", "lists" })
            if (upper(name) == detail)
                return { lower(local.substr(0, plus)), name };
        return { lower(local.substr(0, plus)), "INBOX" };
    }

    std::string_view input_;
    std::string_view output_;
    std::string_view line_;
    std::string_view code_;
    std::vector<std::pair<std::string, std::string>> recipients_;
    std::string chunks_;
    Mailboxes delivered_;
    std::string why_;
    bool is_too_long_ = false;
    bool is_open_ = false;
    bool has_begun_ = false;
    bool was_mail_tried_ = false;
    bool has_ended_ = false;
    bool is_unreadable_ = false;
};

} // namespace mail::lmtp

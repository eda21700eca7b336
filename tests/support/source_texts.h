// The texts for people in the sources of IMAP, POP3 and SASL: string literals that look like words
// of a language.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>

namespace mail::test {

/// Cuts C++ into string literals (those that stand beside each other are one), and says what stands
/// before each. Knows comments, character and raw literals.
class Literals {
public:
    explicit Literals(std::string_view source)
        : source_(source)
    {
    }

    bool next() ///< false at the end
    {
        text.clear();
        bool any = false;
        while (at_ < source_.size()) {
            if (skip_space_and_comments())
                continue;
            char const c = source_[at_];
            if (source_.substr(at_, 3) == "R\"(") {
                at_ = std::min(source_.find(")\"", at_), source_.size() - 2) + 2;
                before_ += 'r';
            } else if (c == '"') {
                take_literal();
                any = true;
            } else if (any) {
                return true;
            } else if (c == '\'' && !is_digit_before()) {
                at_ += source_[at_ + 1] == '\\' ? 2 : 1;
                at_ = source_.find('\'', at_ + 1) + 1;
            } else {
                if (c == ';' || c == '{' || c == '}')
                    before_.clear();
                before_ += c;
                ++at_;
            }
        }
        return any;
    }

    std::string text; ///< unescaped
    std::string const& before() const { return before_; } ///< of the same statement, spaces out

private:
    bool is_digit_before() const
    {
        return at_ > 0 && source_[at_ - 1] >= '0' && source_[at_ - 1] <= '9';
    }
    bool skip_space_and_comments()
    {
        auto const begin = at_;
        if (source_.substr(at_, 2) == "//")
            at_ = std::min(source_.find('\n', at_), source_.size());
        else if (source_.substr(at_, 2) == "/*")
            at_ = std::min(source_.find("*/", at_), source_.size() - 2) + 2;
        else
            while (at_ < source_.size() && (source_[at_] == ' ' || source_[at_] == '\n'))
                ++at_;
        return at_ != begin;
    }
    void take_literal()
    {
        for (++at_; source_[at_] != '"'; ++at_) {
            char c = source_[at_];
            if (c == '\\') {
                c = source_[++at_];
                if (c == 'r' || c == 'n' || c == 't' || c == '0' || c == 'x')
                    c = '\n';
            }
            text += c;
        }
        ++at_;
    }

    std::string_view source_;
    std::size_t at_ = 0;
    std::string before_;
};

inline bool is_for_people(std::string const& text, std::string const& before)
{
    // Words that are names, of the protocol or of products, and those between the words of a
    // choice.
    static std::set<std::string, std::less<>> const others { "Mailroom", "From", "Subject",
        "Other Users", "Shared", "Client Key", "Server Key", "IMPLEMENTATION Mailroom", " oder ",
        " or ", "bearer " };
    if (others.contains(text) || before.find("throw") != std::string::npos
        || before.find("static_assert") != std::string::npos || text.find('\n') != std::string::npos
        || text.starts_with(" \\"))
        return false;
    // Three small letters in a row, and several words, or one word with a capital.
    int small = 0;
    bool is_word = false;
    for (char const c : text) {
        small = c >= 'a' && c <= 'z' ? small + 1 : 0;
        is_word = is_word || small == 3;
    }
    bool const is_capitalised = !text.empty() && text[0] >= 'A' && text[0] <= 'Z'
        && std::ranges::all_of(text.substr(1), [](char c) { return c >= 'a' && c <= 'z'; });
    bool const is_choice = text.find(" or ") != std::string::npos;
    return (is_word && (text.find(' ') != std::string::npos || is_capitalised)) || is_choice;
}

/// Each with a file that has it.
inline std::map<std::string, std::string> source_texts()
{
    namespace fs = std::filesystem;
    fs::path const root = MAILROOM_SOURCE_DIR;
    std::map<std::string, std::string> texts;
    auto const read = [&](fs::path const& file, bool (*is_said)(std::string const& before)) {
        std::ifstream in(file);
        std::stringstream source;
        source << in.rdbuf();
        auto const text = source.str();
        Literals literals(text);
        while (literals.next())
            if (is_said(literals.before()) && is_for_people(literals.text, literals.before()))
                texts.emplace(literals.text, fs::relative(file, root).string());
    };
    for (auto const* folder : { "protocol/imap", "protocol/pop3", "protocol/sasl" })
        for (auto const& entry : fs::recursive_directory_iterator(root / folder))
            if (auto const file = entry.path();
                (file.extension() == ".cpp" || file.extension() == ".h")
                && file.filename() != "unique_id.cpp") // speaks to administrators
                read(file, [](std::string const&) { return true; });
    read(root / "server/serve.cpp",
        [](std::string const& before) { return before.ends_with("translated("); });
    return texts;
}

} // namespace mail::test

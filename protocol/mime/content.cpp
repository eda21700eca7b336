// The Content- fields of a part.

#include "protocol/mime/content.h"

#include "protocol/mime/encoded_word.h"
#include "protocol/mime/header.h"

namespace mail::mime {

namespace {

    constexpr std::size_t most_params = 200;
    constexpr std::size_t most_languages = 50;

    bool is_token(char c)
    {
        auto const octet = static_cast<unsigned char>(c);
        return octet > 0x20 && octet < 0x7f
            && std::string_view("()<>@,;:\\\"/[]?=").find(c) == std::string_view::npos;
    }

    /// Reads tokens, quoted strings and parameters; every function moves forward or leaves all in
    /// place.
    class Scanner {
    public:
        explicit Scanner(std::string_view raw_value)
            : text_(raw_value)
        {
        }

        bool at_end() const { return at_ >= text_.size(); }
        bool skip(char c)
        {
            if (at_end() || text_[at_] != c)
                return false;
            ++at_;
            return true;
        }
        void skip_octet() { ++at_; }

        /// White space, line ends and comments.
        void skip_white()
        {
            while (!at_end()) {
                char const c = text_[at_];
                if (c == '(' && comments_left_) {
                    skip_comment();
                    if (comments_left_)
                        continue;
                }
                if (c != ' ' && c != '\t' && c != '\r' && c != '\n' && c != '\0')
                    return;
                ++at_;
            }
        }

        std::string token()
        {
            auto const begin = at_;
            while (!at_end() && is_token(text_[at_]))
                ++at_;
            return std::string(text_.substr(begin, at_ - begin));
        }

        /// Reads "; name=value" and the like until the end.
        Params params()
        {
            Params params;
            while (params.size() < most_params) {
                skip_white();
                while (skip(';'))
                    skip_white();
                if (at_end())
                    break;
                Param param;
                param.name = token();
                skip_white();
                if (param.name.empty() || !skip('=')) {
                    if (param.name.empty() && !at_end())
                        ++at_;
                    continue; // garbage, or a name without a value
                }
                param.value = value();
                params.push_back(std::move(param));
            }
            return params;
        }

    private:
        void skip_comment()
        {
            auto at = at_;
            std::size_t depth = 0;
            while (at < text_.size()) {
                char const c = text_[at++];
                if (c == '\\')
                    ++at;
                else if (c == '(')
                    ++depth;
                else if (c == ')' && --depth == 0) {
                    at_ = at;
                    return;
                }
            }
            comments_left_ = false;
        }

        std::string value()
        {
            skip_white();
            std::string value;
            if (!at_end() && text_[at_] == '"' && quotes_left_ && quoted(value))
                return value;
            auto const begin = at_;
            while (!at_end() && text_[at_] != ';' && text_[at_] != ' ' && text_[at_] != '\t'
                && text_[at_] != '\r' && text_[at_] != '\n' && text_[at_] != '(')
                ++at_;
            auto end = at_;
            skip_white();
            if (!at_end() && text_[at_] != ';' && !starts_param()) {
                // Not RFC: an unquoted file name with blanks, as in "name=My Document.pdf".
                at_ = std::min(text_.find(';', at_), text_.size());
                end = at_;
            }
            unfold_to(text_.substr(begin, end - begin), value);
            std::erase(value, '"');
            return value;
        }

        /// Whether "name=" stands here: the semicolon in front of it is missing.
        bool starts_param() const
        {
            auto at = at_;
            while (at < text_.size() && is_token(text_[at]))
                ++at;
            return at > at_ && at < text_.size() && text_[at] == '=';
        }

        bool quoted(std::string& value)
        {
            auto at = at_ + 1;
            while (at < text_.size() && text_[at] != '"') {
                char c = text_[at++];
                // Not RFC: Windows clients send paths unescaped; a backslash quotes only what needs
                // it.
                if (c == '\\' && at < text_.size() && (text_[at] == '"' || text_[at] == '\\'))
                    c = text_[at++];
                if (c != '\r' && c != '\n' && c != '\0')
                    value += c;
            }
            if (at >= text_.size()) {
                quotes_left_ = false;
                value.clear();
                return false;
            }
            at_ = at + 1;
            return true;
        }

        std::string_view text_;
        std::size_t at_ = 0;
        bool comments_left_ = true;
        bool quotes_left_ = true;
    };

} // namespace

ContentType parse_content_type(std::string_view raw_value)
{
    ContentType content;
    Scanner in(raw_value);
    in.skip_white();
    content.type = in.token();
    in.skip_white();
    if (in.skip('/')) {
        in.skip_white();
        content.subtype = in.token();
    }
    content.params = in.params();
    if (content.type.empty()) {
        content.type = "text";
        content.subtype = "plain";
    } else if (content.subtype.empty()) {
        if (equal_no_case(content.type, "text"))
            content.subtype = "plain";
        else if (equal_no_case(content.type, "multipart"))
            content.subtype = "mixed";
        else {
            content.type = "application";
            content.subtype = "octet-stream";
        }
    }
    return content;
}

Disposition parse_disposition(std::string_view raw_value)
{
    Disposition disposition;
    Scanner in(raw_value);
    in.skip_white();
    Scanner const start = in;
    disposition.kind = in.token();
    in.skip_white();
    if (in.skip('=')) { // "filename=x" alone
        in = start;
        disposition.kind.clear();
    }
    disposition.params = in.params();
    if (disposition.kind.empty() && !disposition.params.empty())
        disposition.kind = "attachment";
    return disposition;
}

std::string parse_encoding(std::string_view raw_value)
{
    Scanner in(raw_value);
    in.skip_white();
    in.skip('"');
    return in.token();
}

std::vector<std::string> parse_languages(std::string_view raw_value)
{
    std::vector<std::string> languages;
    Scanner in(raw_value);
    while (languages.size() < most_languages) {
        in.skip_white();
        if (in.at_end())
            break;
        auto language = in.token();
        if (language.empty())
            in.skip_octet();
        else
            languages.push_back(std::move(language));
    }
    return languages;
}

std::string_view trim_end(std::string_view text)
{
    return text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
}

/// The multipart's boundary; empty when there is none that a line could match.
std::string boundary_of(Params const& params, std::size_t longest)
{
    std::string boundary;
    for (auto const& param : params)
        if (equal_no_case(param.name, "boundary"))
            boundary = param.value;
    if (boundary.empty())
        boundary = param_value(params, "boundary").value_or("");
    boundary = trim_end(boundary);
    return boundary.size() > longest ? std::string() : boundary;
}

void read_content_fields(std::string_view header_block, Part& part)
{
    bool has_type = false;
    for (Fields fields(header_block); fields.next();) {
        auto const& [name, value, begin, end] = fields.field();
        if (name.size() < 10 || !equal_no_case(name.substr(0, 8), "content-"))
            continue;
        auto const what = name.substr(8);
        if (equal_no_case(what, "type") && !has_type) {
            auto content = parse_content_type(value);
            part.type = std::move(content.type);
            part.subtype = std::move(content.subtype);
            part.params = std::move(content.params);
            has_type = true;
        } else if (equal_no_case(what, "transfer-encoding") && part.encoding.empty()) {
            part.encoding = parse_encoding(value);
        } else if (equal_no_case(what, "disposition") && part.disposition.empty()) {
            auto disposition = parse_disposition(value);
            part.disposition = std::move(disposition.kind);
            part.disposition_params = std::move(disposition.params);
        } else if (equal_no_case(what, "id") && part.content_id.empty()) {
            unfold_to(value, part.content_id);
        } else if (equal_no_case(what, "description") && part.description.empty()) {
            unfold_to(value, part.description);
        } else if (equal_no_case(what, "md5") && part.md5.empty()) {
            unfold_to(value, part.md5);
        } else if (equal_no_case(what, "language") && part.languages.empty()) {
            part.languages = parse_languages(value);
        } else if (equal_no_case(what, "location") && part.location.empty()) {
            unfold_to(value, part.location);
            std::erase_if(part.location, [](char c) { return c == ' ' || c == '\t'; });
        }
    }
}

} // namespace mail::mime

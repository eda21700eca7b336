// The base subject: what is left of a subject without its marks of replies and forwards (RFC 5256
// §2.1).

#include "protocol/mime/base_subject.h"

#include "protocol/mime/header.h"

namespace mail::mime {

namespace {

    constexpr std::size_t longest_subject = 2000; ///< octets; bounds the work on hostile ones
    constexpr int most_blobs = 32;

    std::string with_single_blanks(std::string_view text)
    {
        std::string out;
        out.reserve(text.size());
        for (char const c : text) {
            bool const white = c == ' ' || c == '\t';
            if (!white)
                out += c;
            else if (!out.empty() && out.back() != ' ')
                out += ' ';
        }
        return out;
    }

    bool begins_with(std::string_view text, std::string_view mark) ///< in any case
    {
        return equal_no_case(text.substr(0, mark.size()), mark);
    }

    void trim_front(std::string_view& text)
    {
        while (text.starts_with(' '))
            text.remove_prefix(1);
    }

    /// Takes subj-trailer: "(fwd)" and blanks.
    bool take_trailer(std::string_view& text)
    {
        bool fwd = false;
        while (true) {
            constexpr std::string_view mark = "(fwd)";
            if (text.ends_with(' '))
                text.remove_suffix(1);
            else if (text.size() >= mark.size()
                && equal_no_case(text.substr(text.size() - mark.size()), mark)) {
                text.remove_suffix(mark.size());
                fwd = true;
            } else
                return fwd;
        }
    }

    /// Takes subj-blob: "[...]" and the blanks behind it.
    bool take_blob(std::string_view& text)
    {
        if (!text.starts_with('['))
            return false;
        auto const end = text.find_first_of("[]", 1);
        if (end == text.npos || text[end] != ']')
            return false;
        text.remove_prefix(end + 1);
        trim_front(text);
        return true;
    }

    /// Takes subj-leader's *subj-blob subj-refwd: "re:", "fw:", "fwd:", "re[2]:", with blobs in
    /// front.
    bool take_reply_mark(std::string_view& text)
    {
        auto rest = text;
        for (int i = 0; i < most_blobs && take_blob(rest); ++i) { }
        if (begins_with(rest, "re"))
            rest.remove_prefix(2);
        else if (begins_with(rest, "fwd"))
            rest.remove_prefix(3);
        else if (begins_with(rest, "fw"))
            rest.remove_prefix(2);
        else
            return false;
        trim_front(rest);
        take_blob(rest);
        if (!rest.starts_with(':'))
            return false;
        rest.remove_prefix(1);
        text = rest;
        return true;
    }

} // namespace

BaseSubject base_subject(std::string_view decoded_subject)
{
    auto const single = with_single_blanks(decoded_subject.substr(0, longest_subject)); // step 1
    std::string_view text = single;
    bool is_reply_or_forward = false;
    while (true) {
        is_reply_or_forward |= take_trailer(text); // step 2
        for (bool changed = true; changed;) { // steps 3 to 5
            changed = false;
            trim_front(text);
            while (take_reply_mark(text)) {
                is_reply_or_forward = changed = true;
                trim_front(text);
            }
            auto rest = text;
            if (take_blob(rest) && !rest.empty()) {
                text = rest;
                changed = true;
            }
        }
        if (!begins_with(text, "[fwd:") || !text.ends_with(']')) // step 6
            return { std::string(text), is_reply_or_forward };
        text.remove_prefix(5);
        text.remove_suffix(1);
        is_reply_or_forward = true;
    }
}

} // namespace mail::mime

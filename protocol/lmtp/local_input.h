// A message as a local program pipes it to `mailroom deliver`: brought into the form of the wire.
#pragma once

#include <string>
#include <string_view>

namespace mail::lmtp {

/// Turns each bare LF into CRLF and drops a "From " line of mbox in front (sendmail -f and procmail
/// write one). All else stays as it is. Holds at most one line.
class LocalInput {
public:
    void feed(std::string_view octets, std::string& out); ///< appends to `out`
    void finish(std::string& out); ///< the input has ended

private:
    void convert(std::string_view octets, std::string& out);

    bool at_beginning_ = true;
    bool in_from_line_ = false;
    bool after_cr_ = false;
    std::string held_; ///< the first octets, as long as they may become "From "
};

} // namespace mail::lmtp

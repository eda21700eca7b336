// Refusals of the store, as values. What is broken (disk, database, a bug) is an exception instead.
#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

#include <stdexcept>
#include <type_traits>

namespace mail::storage {

enum class Errc {
    not_found = 1, ///< no such account, mailbox, message or key
    already_exists, ///< a mailbox or account of that name exists
    over_quota, ///< the account may not hold more
    expunged, ///< the message was there, and is gone
    no_space, ///< the disk or the map is full: nothing was changed; try again later
    limit, ///< a fixed bound of the store is reached (keywords of a mailbox, UIDs, name length)
    not_permitted, ///< INBOX may not be deleted, and the like
    shutting_down, ///< the store no longer takes writes
    denied, ///< the access control list does not allow it
    invalid_name, ///< not a mailbox or account name (names.h): nothing was changed
};

boost::system::error_code make_error_code(Errc error);

template <class T> using Result = boost::system::result<T, Errc>;

/// The disk or the map is full, in the middle of a transaction, which is thereby void. The writer
/// turns it into Errc::no_space for the job; nobody else catches it.
class StorageFull : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// A record that does not decode, or a body whose checksum is wrong: the file was damaged from
/// outside.
class Damaged : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

[[noreturn]] void throw_exception_from_error(Errc error, boost::source_location const& where);

} // namespace mail::storage

template <> struct boost::system::is_error_code_enum<mail::storage::Errc> : std::true_type {
};

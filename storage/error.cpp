// The error category of the store, for those who log or throw its refusals.
#include "storage/error.h"

#include <boost/system/system_error.hpp>

namespace mail::storage {
namespace {

    class Category final : public boost::system::error_category {
    public:
        char const* name() const noexcept override { return "store"; }
        std::string message(int value) const override
        {
            switch (static_cast<Errc>(value)) {
            case Errc::not_found:
                return "no such account, mailbox or message";
            case Errc::already_exists:
                return "the name is taken: choose another";
            case Errc::over_quota:
                return "the account is full: delete mail or raise its quota";
            case Errc::expunged:
                return "the message is expunged";
            case Errc::no_space:
                return "the disk is full: make room, then try again";
            case Errc::limit:
                return "a limit of the store is reached: use fewer keywords or shorter names";
            case Errc::not_permitted:
                return "this mailbox may not be changed so";
            case Errc::shutting_down:
                return "the server is shutting down: try again later";
            case Errc::denied:
                return "the access control list of the mailbox does not allow it";
            case Errc::invalid_name:
                return "not a valid name: use UTF-8 without control characters and empty levels";
            }
            return "unknown error of the store";
        }
    };

} // namespace

boost::system::error_code make_error_code(Errc error)
{
    static Category const category;
    return { static_cast<int>(error), category };
}

void throw_exception_from_error(Errc error, boost::source_location const& where)
{
    throw boost::system::system_error(boost::system::error_code(make_error_code(error), &where));
}

} // namespace mail::storage

#include "server/tokens/token_result.h"

#include <stdexcept>

namespace mail::server {

void throw_exception_from_error(Rejection const& rejection, boost::source_location const& where)
{
    throw std::logic_error(std::string("a rejected token was taken for a good one in ")
        + where.function_name() + ": " + rejection.why());
}

} // namespace mail::server

// The rule of APPENDUID and COPYUID.
#include "protocol/imap/uidplus.h"

#include "protocol/imap/context.h"

namespace mail::imap {

bool tells_new_uids(Context const& ctx, session::Located const& target)
{
    bool const is_spoken = ctx.terms.offers(Capability::uidplus) || ctx.terms.is_rev2();
    return is_spoken && target.rights.has(storage::Right::read);
}

} // namespace mail::imap

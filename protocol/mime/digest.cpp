// All that delivery keeps of a message besides its octets.

#include "protocol/mime/digest.h"

#include "protocol/mime/envelope.h"
#include "protocol/mime/preview.h"
#include "protocol/mime/search_fields.h"
#include "protocol/mime/structure.h"

namespace mail::mime {

Digested Digest::finish()
{
    auto const message = reader_.finish();
    Digested digested;
    digested.envelope = envelope_of(message.header);
    digested.structure = encode_structure(message);
    digested.header = read_header_keys(message.header);
    digested.search_fields = encode_search_fields(digested.header);
    digested.sort_keys = encode_sort_keys(digested.header);
    digested.preview = preview_of(message);
    digested.size = message.size;
    digested.lines = message.lines;
    return digested;
}

} // namespace mail::mime

// The commands, one file each under commands/ (commands of a few lines that belong together share
// one).
#pragma once

#include "protocol/imap/command.h"

namespace mail::imap {

class Parser;

RunStreaming run_append;
Run run_authenticate;
Run run_cancelupdate;
Run run_capability;
Run run_close;
Run run_comparator;
Run run_compress;
Run run_copy; ///< and UID COPY
Run run_create;
Run run_delete;
Run run_deleteacl;
Run run_enable;
Run run_esearch;
Run run_examine;
Run run_expunge;
Run run_fetch; ///< and UID FETCH
Run run_genurlauth;
Run run_getacl;
Run run_getmetadata;
Run run_getquota;
Run run_getquotaroot;
Run run_id;
Run run_idle;
Run run_language;
Run run_list;
Run run_listrights;
Run run_login;
Run run_logout;
Run run_lsub;
Run run_move; ///< and UID MOVE
Run run_myrights;
Run run_namespace;
Run run_noop; ///< and CHECK
Run run_notify;
Run run_rename;
RunStreaming run_replace; ///< and UID REPLACE
Run run_resetkey;
Run run_search; ///< and UID SEARCH
Run run_select;
Run run_setacl;
Run run_setmetadata;
Run run_setquota;
Run run_sort; ///< and UID SORT
Run run_starttls;
Run run_status;
Run run_store; ///< and UID STORE
Run run_subscribe;
Run run_thread; ///< and UID THREAD
Run run_uid_expunge;
Run run_uidbatches;
Run run_unauthenticate;
Run run_unselect;
Run run_unsubscribe;
Run run_urlfetch;
Run run_xlist;

} // namespace mail::imap

"""What the server announces to those who are logged in. Real clients decide by these names what they use, and their
tests by the same; a name that is lost would go unnoticed if nothing said that it must be there."""

ANNOUNCED = frozenset("""
    BINARY CHILDREN COMPRESS=DEFLATE CONDSTORE CREATE-SPECIAL-USE ENABLE ESEARCH ID IDLE IMAP4rev1 IMAP4rev2
    LIST-EXTENDED LIST-STATUS LITERAL+ MOVE NAMESPACE NOTIFY OBJECTID QRESYNC QUOTA QUOTA=RES-STORAGE SASL-IR SORT
    SPECIAL-USE STATUS=SIZE UIDPLUS UNSELECT UTF8=ACCEPT WITHIN
""".split())

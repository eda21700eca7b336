"""What the server announces to those who are logged in. Real clients decide by these names what they use, and their
tests by the same; a name that is lost would go unnoticed if nothing said that it must be there."""

ANNOUNCED = frozenset("""
    IMAP4rev1 IMAP4rev2 CHILDREN CONDSTORE CREATE-SPECIAL-USE ENABLE ESEARCH ID IDLE LITERAL+ MOVE NAMESPACE QRESYNC
    SASL-IR SPECIAL-USE STATUS=SIZE UIDPLUS UNSELECT UTF8=ACCEPT
""".split())

# Clients in these tests use them as soon as they are announced. Then they belong above.
NOT_YET = frozenset("""
    BINARY COMPRESS=DEFLATE LIST-EXTENDED LIST-STATUS NOTIFY OBJECTID QUOTA QUOTA=RES-STORAGE SORT WITHIN
""".split())

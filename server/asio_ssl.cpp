// The TLS of Asio is compiled here, once; BOOST_ASIO_SEPARATE_COMPILATION keeps it out of all else.
#include <boost/asio/ssl/impl/src.hpp>

// SPDX-License-Identifier: Apache-2.0
//
// Beast and Asio's TLS compiled once (BOOST_BEAST_SEPARATE_COMPILATION), so that their users compile faster.
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/beast/src.hpp>

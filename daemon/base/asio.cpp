// SPDX-License-Identifier: Apache-2.0
//
// Asio compiled once (BOOST_ASIO_SEPARATE_COMPILATION), so that its users compile a quarter faster.
#include <boost/asio/impl/src.hpp>

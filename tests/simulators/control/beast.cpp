// SPDX-License-Identifier: Apache-2.0
//
// Beast, compiled once for all simulators; alone in its file for the reason given in asio.cpp.
#include <boost/beast/src.hpp>

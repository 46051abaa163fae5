// SPDX-License-Identifier: Apache-2.0
#include "daemon/app/gatehouse.hpp"

int main(int count, char** words) { return gatehouse::app::run_daemon({words + 1, words + count}); }
